// SPDX-License-Identifier: Apache-2.0
//
// Waits for so many restarts of the crasher as its argument says. Once after the first and once at the end everybody
// rests, and then what there is of objects, messages, memory and capabilities must be the same, and every message that
// was sent must have arrived.
#include <cstdio>
#include <string_view>

#include "handles.hpp"
#include "report.hpp"
#include "storm.hpp"

using namespace storm;
using report::check;

namespace {

Board& board = map_board(handles::board);

struct Inventory {
  ObjectCounts system;
  std::uint64_t capabilities, pages;  ///< of all silos
  std::uint64_t restarts;
};

std::uint32_t number_of(std::string_view name) {
  std::uint32_t found = ~0u;
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        if (silo.name == name) found = silo.silo;
      })
      .value();
  return found;
}

bool all_rest() {
  if (board.resting.load() != 1) return false;
  for (const Load& load : board.load) {
    if (load.resting.load() != 1) return false;
  }
  return true;
}

Inventory take_stock(std::uint32_t crasher) {
  board.resting.store(0);
  for (Load& load : board.load) load.resting.store(0);
  board.rest.store(1);
  check(report::eventually(all_rest), "everybody comes to rest");
  // What was under way when the first of them rested has arrived by now.
  sleep_for(std::chrono::milliseconds(20));
  Inventory inventory = {handles::system.objects().value(), 0, 0, handles::system.life(crasher).value().restarts};
  handles::system
      .each_silo([&](const abi::SiloRecord& silo) {
        inventory.capabilities += silo.capabilities;
        inventory.pages += silo.pages;
      })
      .value();
  bool all_arrived = true, none_wrong = true;
  for (unsigned i = 0; i < kLoaders; ++i) {
    const Load& load = board.load[i];
    all_arrived = all_arrived && load.sent.load() == board.load[(i + 1) % kLoaders].received.load();
    if (load.wrong.load() == 0) continue;
    none_wrong = false;
    printf("# loader %u: %#" PRIx64 "\n", i, load.wrong.load());
  }
  if (board.wrong.load() != 0) printf("# crasher: %#" PRIx64 "\n", board.wrong.load());
  check(all_arrived, "every message of the others has arrived, in order");
  check(none_wrong, "every outcome is one that a restart explains");
  check(board.wrong.load() == 0, "the crasher misses nothing and finds nothing of its former lives");
  check(inventory.restarts + 1 == board.lives.load(), "as many lives as restarts, and the first");
  board.rest.store(0);
  return inventory;
}

void compare(const Inventory& first, const Inventory& last) {
  check(last.system == first.system, "objects, messages, mappings, bindings and memory are what they were");
  check(last.capabilities == first.capabilities && last.pages == first.pages,
        "and so are the capabilities and pages of each silo");
  if (last.system == first.system) return;
  const auto tell = [](const char* when, const ObjectCounts& counts) {
    printf("# %s: pages %" PRIu64 " %" PRIu64 " objects %" PRIu64 " messages %" PRIu64 " mappings %" PRIu64
           " bindings %" PRIu64 " transfers %" PRIu64 " slots %" PRIu64 "\n",
           when, counts.kernel_pages, counts.silo_pages, counts.objects, counts.messages, counts.mappings,
           counts.bindings, counts.transfers, counts.message_slots);
  };
  tell("then", first.system);
  tell("now", last.system);
}

}  // namespace

int main() {
  const std::uint64_t wanted = argument();
  const std::uint32_t crasher = number_of("crasher");
  const auto restarts = [&] { return handles::system.life(crasher).value().restarts; };
  while (restarts() < 1) sleep_for(std::chrono::milliseconds(1));
  const Inventory first = take_stock(crasher);
  std::uint64_t told = 0;
  std::uint64_t before = restarts();
  for (unsigned still = 0; before < wanted && still < 20;) {
    sleep_for(std::chrono::milliseconds(50));
    const std::uint64_t now = restarts();
    still = now == before ? still + 1 : 0;
    before = now;
    if (now / (wanted / 10 + 1) != told) printf("# %" PRIu64 " restarts\n", now);
    told = now / (wanted / 10 + 1);
  }
  check(restarts() >= wanted, "it goes on crashing");
  const Inventory last = take_stock(crasher);
  compare(first, last);
  std::uint64_t sent = 0, done = 0, restarted = 0;
  for (const Load& load : board.load) {
    sent += load.sent.load();
    done += load.done.load();
    restarted += load.restarted.load();
  }
  printf("# %" PRIu64 " restarts, %" PRIu64 " messages between the others, %" PRIu64
         " things done to the crasher, %" PRIu64 " ended by its end\n",
         last.restarts, sent, done, restarted);
  const int failed = report::finish();
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
