// SPDX-License-Identifier: Apache-2.0
//
// One round: see round.hpp. Everybody who lives on has an outcome that the interface allows, and nobody waits for what
// will not come; who was stopped runs again, and its peer finds it by the handles that it had.
#include "round.hpp"

#include <inttypes.h>

#include <cstdio>

namespace sweep {

namespace {

constexpr std::uint64_t kShownFailures = 20;
constexpr std::uint64_t kPollsBeforeNoMore = 20;
constexpr std::uint64_t kPollsWhileExplained = 25 * kSettlePolls;
}  // namespace

void fail(const Round& round, const char* what, std::int64_t more, std::int64_t most) {
  static const char* const kVictims[] = {"nobody", "server", "client", "both"};
  static const char* const kDeaths[] = {"", "killed", "restarted", "and another, killed or restarted,"};
  if (++failures > kShownFailures) return;
  printf("# %s, %s %s at %" PRIu64 ": %s (%" PRId64 ", %" PRId64 ")\n", kNames[static_cast<unsigned>(round.operation)],
         kVictims[round.victims], round.by_fault ? "faulted" : kDeaths[static_cast<unsigned>(round.death)], round.n,
         what, more, most);
}

namespace {

/// What there was when both parties were ready for the first time.
Counts baseline;
bool has_baseline = false;

void compare(const Round& round, const Counts& now) {
  const auto unequal = [&](std::uint64_t is, std::uint64_t was, const char* what) {
    if (is != was) fail(round, what, static_cast<std::int64_t>(is), static_cast<std::int64_t>(was));
  };
  unequal(now.system.objects, baseline.system.objects, "objects, and how many there were");
  unequal(now.system.messages, baseline.system.messages, "messages queued, and how many there were");
  unequal(now.system.message_slots, baseline.system.message_slots, "message slots, and how many there were");
  unequal(now.system.mappings, baseline.system.mappings, "mappings, and how many there were");
  unequal(now.system.bindings, baseline.system.bindings, "bindings, and how many there were");
  unequal(now.system.transfers, baseline.system.transfers, "capabilities on their way, and how many there were");
  unequal(now.system.kernel_pages, baseline.system.kernel_pages, "kernel pages, and how many there were");
  unequal(now.system.silo_pages, baseline.system.silo_pages, "silo pages, and how many there were");
  for (const Party party : kParties) {
    const unsigned i = static_cast<unsigned>(party);
    unequal(now.capabilities[i], baseline.capabilities[i], "capabilities of a party, and how many there were");
    unequal(now.pages[i], baseline.pages[i], "pages of a party, and how many there were");
  }
}

}  // namespace

void unstick(Party party) {
  const std::uint64_t lives = part_of(party).lives.load();
  handles::system.restart(number_of(party)).ignore();
  for (unsigned i = 0; i < 2 * kSettlePolls; ++i) {
    if (part_of(party).lives.load() != lives && part_of(party).state.load() == State::Idle) return;
    sleep_ticks(kPollTicks);
  }
  printf("# a party does not come back\n");
  handles::system.verdict(2).ignore();
  for (;;) sleep_ticks(1u << 30);
}

std::uint64_t begin(const Round& round) {
  // A port's queue full of messages is thrown away before, on a core that may have to wait for the other.
  constexpr std::uint64_t kLead = 160'000, kLook = 20'000;
  const std::uint64_t start = detail::counter_now() + kLead;
  board.operation.store(round.operation);
  board.death.store(round.death);
  board.start.store(start);
  handles::order_server.signal(1).ignore();
  handles::order_client.signal(1).ignore();
  granary_sleep_until(start - kLook);
  bool are_ready = true;
  for (const Party party : kParties) {
    if (part_of(party).state.load() == State::Ready) continue;
    fail(round, "a party does not get ready", static_cast<std::int64_t>(party),
         static_cast<std::int64_t>(part_of(party).state.load()));
    unstick(party);
    are_ready = false;
  }
  if (!are_ready) return 0;
  const Counts counts = count();
  if (!has_baseline) baseline = counts;
  if (has_baseline) compare(round, counts);
  has_baseline = true;
  return start;
}

void judge_status(const Round& round, Party party) {
  const std::int64_t bad = part_of(party).bad.load();
  if (bad != 0)
    fail(round, party == Party::Server ? "the server's outcome, at step" : "the client's outcome, at step", bad,
         static_cast<std::int64_t>(part_of(party).bad_step.load()));
}

namespace {

/// Waits for the end of those who live on, and of those who have been restarted; judges who does not come to one.
void settle(const Round& round, const std::uint64_t (&lives)[2], const Wait (&waits)[2]) {
  const auto is_over = [&](Party party) {
    if (round.kills(party) && round.death == Death::Final) return true;
    const unsigned i = static_cast<unsigned>(party);
    const bool has_begun = !round.kills(party) || part_of(party).lives.load() != lives[i];
    return has_begun && part_of(party).state.load() == State::Idle;
  };
  // A fault that is explained on the console holds its silo's return up (once a second).
  const std::uint64_t polls = round.by_fault ? kPollsWhileExplained : kSettlePolls;
  for (unsigned poll = 0; poll < polls; ++poll) {
    if (is_over(Party::Server) && is_over(Party::Client)) break;
    // A server does not learn of the end of its clients: others may come.
    if (poll % kPollsBeforeNoMore == kPollsBeforeNoMore - 1) handles::service.try_send({kNoMore}).ignore();
    sleep_ticks(kPollTicks);
  }
  for (const Party party : kParties) {
    if (is_over(party)) continue;
    const Wait& before = waits[static_cast<unsigned>(party)];
    const Wait now = wait_of(party);
    // It came to its wait when its peer was away already, and the peer has come back without knowing of it.
    const bool is_late =
        round.death == Death::Restart && !round.kills(party) && (!before.is_for_peer || before.steps != now.steps);
    if (is_late) ++late;
    if (!is_late)
      fail(round, party == Party::Server ? "the server waits for ever" : "the client waits for ever",
           static_cast<std::int64_t>(now.kind), static_cast<std::int64_t>(now.steps));
    unstick(party);
  }
}

void start_victims(const Round& round, const std::uint64_t (&lives)[2]) {
  for (const Party party : kParties) {
    if (!round.kills(party)) continue;
    Part& part = part_of(party);
    part.state.store(State::Idle);
    part.bad.store(0);
    auto started = handles::system.start(number_of(party));
    for (unsigned poll = 0; !started.ok() && started.error() == kWouldBlock && poll < kSettlePolls; ++poll) {
      sleep_ticks(kPollTicks);
      started = handles::system.start(number_of(party));
    }
    if (!started.ok()) fail(round, "a start", -started.error().number());
    for (unsigned poll = 0; part.lives.load() == lives[static_cast<unsigned>(party)] && poll < kSettlePolls; ++poll)
      sleep_ticks(kPollTicks);
    for (unsigned poll = 0; part.state.load() != State::Idle && poll < kSettlePolls; ++poll) sleep_ticks(kPollTicks);
    if (part.lives.load() != lives[static_cast<unsigned>(party)] + 1 || part.state.load() != State::Idle)
      fail(round, "a party that was started does not run", static_cast<std::int64_t>(party));
  }
}

void light_fuses(const Round& round, std::uint64_t when) {
  for (const Party party : kParties) {
    if (!round.kills(party)) continue;
    part_of(party).fault_at.store(when);
    (party == Party::Server ? handles::fuse_server : handles::fuse_client).signal(1).value();
  }
}

/// A client that was stopped in its call is a client that never called, and nobody answers one that is dead.
void judge_calls(const Round& round, const Wait& server, const Wait& client) {
  if (round.victims != 1u << static_cast<unsigned>(Party::Client) || round.death != Death::Final || !is_one_core())
    return;
  const Part& part = part_of(Party::Server);
  if (client.kind == abi::ThreadWait::PortCall && part.taken.load() != server.taken)
    fail(round, "the call of a dead client is received", static_cast<std::int64_t>(part.taken.load()));
  // (A server that answers and receives in one call notes the answer when it has received.)
  if (round.operation == Operation::CallsInTurn) return;
  if (client.kind == abi::ThreadWait::Reply && part.answered.load() != server.answered)
    fail(round, "a reply finds a dead client", static_cast<std::int64_t>(part.answered.load()));
}

}  // namespace

Progress one(const Round& round) {
  const std::uint64_t start = begin(round);
  if (start == 0) return {};
  ++rounds;
  // Both are asleep until `start`.
  Progress progress = {wait_of(Party::Server).cpu_time, wait_of(Party::Client).cpu_time};
  const std::uint64_t lives[2] = {part_of(Party::Server).lives.load(), part_of(Party::Client).lives.load()};
  Wait waits[2] = {};
  if (round.by_fault) light_fuses(round, start + round.n);
  if (round.victims != 0) {
    granary_sleep_until(start + round.n);
    for (const Party party : kParties) waits[static_cast<unsigned>(party)] = wait_of(party);
    progress = {waits[0].cpu_time - progress.server_ticks, waits[1].cpu_time - progress.client_ticks,
                is_still(Party::Server, waits[0]) && is_still(Party::Client, waits[1])};
    for (const Party party : kParties) {
      if (!round.kills(party) || round.by_fault) continue;
      const auto done = round.death == Death::Final ? handles::system.kill(number_of(party))
                                                    : handles::system.restart(number_of(party));
      if (!done.ok()) fail(round, "a stop", -done.error().number());
    }
  } else {
    granary_sleep_until(start);
  }
  settle(round, lives, waits);
  judge_calls(round, waits[0], waits[1]);
  for (const Party party : kParties) {
    if (!round.kills(party)) judge_status(round, party);
    if (!round.kills(party) && !is_up(party))
      fail(round, "a party that was let live has ended", static_cast<std::int64_t>(party));
  }
  if (round.death == Death::Final) start_victims(round, lives);
  return progress;
}

}  // namespace sweep
