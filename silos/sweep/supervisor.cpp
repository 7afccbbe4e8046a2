// SPDX-License-Identifier: Apache-2.0
//
// The one silo that does not end: it starts again whom no policy does, reads the audit, and after so many milliseconds
// as its argument says compares it with what the agents have noted: each end is there, with its cause.
#include <cstdio>
#include <string_view>

#include "chaos.hpp"
#include "handles.hpp"
#include "report.hpp"

using namespace chaos;
using report::check;

namespace {

Board& board = map_board(handles::board);
std::uint32_t numbers[kAgents] = {};

/// Of one agent, from the audit.
struct Tally {
  std::uint64_t faults[16] = {};  ///< by kind
  std::uint64_t exits = 0, aborts = 0, killed = 0, restarted = 0, stays_down = 0, other = 0;
};
Tally tallies[kAgents];

void find_agents() {
  handles::system
      .each_silo([](const abi::SiloRecord& silo) {
        const std::string_view name = silo.name;
        if (name.starts_with("agent_")) numbers[name.back() - '0'] = silo.silo;
      })
      .value();
}

void count(const AuditRecord& record) {
  if (record.category != abi::AuditCategory::Lifecycle) return;
  for (unsigned i = 0; i < kAgents; ++i) {
    if (numbers[i] != record.silo) continue;
    Tally& tally = tallies[i];
    switch (static_cast<abi::AuditLife>(record.what)) {
      case abi::AuditLife::Faulted: ++tally.faults[record.detail % 16]; break;
      case abi::AuditLife::Exited:
        ++(record.detail == kExitStatus ? tally.exits : record.detail == kAbortStatus ? tally.aborts : tally.other);
        break;
      case abi::AuditLife::Killed: ++tally.killed; break;
      case abi::AuditLife::Restarted: ++tally.restarted; break;
      case abi::AuditLife::StaysDown: ++tally.stays_down; break;
      case abi::AuditLife::Started:
      case abi::AuditLife::Replaced:
      case abi::AuditLife::ImageRefused:
      case abi::AuditLife::InterruptStorm: break;
    }
  }
}
void read_audit() {
  for (auto record = handles::audit.read(); record.ok(); record = handles::audit.read()) count(*record);
}

std::uint64_t audited(const Tally& tally, const Expected& expected) {
  if (expected.what == abi::AuditLife::Faulted) return tally.faults[expected.detail];
  return expected.detail == kExitStatus ? tally.exits : tally.aborts;
}
/// Noted by the agent for all causes that look alike in the audit.
std::uint64_t noted(const Notes& notes, const Expected& expected) {
  std::uint64_t sum = 0;
  for (unsigned i = 0; i < kCauses; ++i) {
    if (kExpected[i].what == expected.what && kExpected[i].detail == expected.detail) sum += notes.ends[i].load();
  }
  return sum;
}

void start_who_is_down() {
  for (const std::uint32_t number : numbers) {
    // kExists: it runs; kWouldBlock: its end is not over.
    static_cast<void>(handles::system.start(number).ok());
  }
}

void judge() {
  std::uint64_t ends = 0, others = 0, killed = 0;
  bool are_equal = true, restarts_are_equal = true;
  for (unsigned i = 0; i < kAgents; ++i) {
    const Tally& tally = tallies[i];
    killed += tally.killed;
    others += tally.other;
    for (unsigned kind = 0; kind < 16; ++kind) {
      bool is_expected = tally.faults[kind] == 0;
      for (const Expected& expected : kExpected)
        is_expected = is_expected || (expected.what == abi::AuditLife::Faulted && expected.detail == kind);
      if (!is_expected) others += tally.faults[kind];
    }
    for (unsigned cause = 0; cause < kCauses; ++cause) {
      const std::uint64_t is = audited(tally, kExpected[cause]), should = noted(board.agent[i], kExpected[cause]);
      // Who is stopped with its group between the note and the end has not ended by itself.
      if (is > should || should - is > tally.killed) {
        are_equal = false;
        printf("# agent %u, %s: audited %" PRIu64 ", noted %" PRIu64 "\n", i, kExpected[cause].name, is, should);
      }
    }
    const std::uint64_t restarts = handles::system.life(numbers[i]).value().restarts;
    if (restarts != tally.restarted) {
      restarts_are_equal = false;
      printf("# agent %u: %" PRIu64 " restarts, audited %" PRIu64 "\n", i, restarts, tally.restarted);
    }
  }
  for (unsigned cause = 0; cause < kCauses; ++cause) {
    std::uint64_t sum = 0;
    for (const Notes& notes : board.agent) sum += notes.ends[cause].load();
    printf("# %" PRIu64 " ends by %s\n", sum, kExpected[cause].name);
    check(sum != 0, kExpected[cause].name);
    ends += sum;
  }
  check(are_equal, "the audit has the cause of each end");
  check(others == 0, "and of no other");
  check(restarts_are_equal, "and each restart");
  check(handles::audit.stats().value().dropped == 0, "nothing of it was lost");
  printf("# %" PRIu64 " ends, %" PRIu64 " stopped with their group\n", ends, killed);
}

}  // namespace

int main() {
  find_agents();
  const Deadline end = std::chrono::milliseconds(argument());
  while (detail::counter_now() < end.ticks()) {
    sleep_for(std::chrono::milliseconds(2));
    read_audit();
    start_who_is_down();
  }
  board.stop.store(1);
  sleep_for(std::chrono::milliseconds(100));
  read_audit();
  judge();
  const int failed = report::finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
