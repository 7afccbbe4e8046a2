// SPDX-License-Identifier: Apache-2.0
//
// The kill sweep. For each operation, each choice of who dies, for good or to come back, and every n: both parties
// begin at one instant, the warden, which is more urgent than either, stops its victims n ticks later, and then looks
// whether
//   - everybody who lives on has an outcome that the interface allows, and nobody waits for what will not come;
//   - who was stopped runs again, and its peer finds it by the handles that it had;
//   - objects, mappings, messages, capabilities under way and both tables are what they were at the beginning, and each
//     party can make again all that its quota permits.
// With one instruction per tick (-icount shift=4) that is every boundary between two instructions. Then the same while
// a first end or restart is still worked on (second_deaths.cpp).
//
// Most instants are like another: while the kernel works with interrupts masked, and while both parties wait. The
// warden comes to its stroke then with both parties as far as they were an instant before, to the tick (Progress), and
// what it stops is in the same state. How far they are grows with n, so when it is the same at two instants, it is the
// same at all between them. (Once in 256 lives, when the VMIDs begin anew, switches cost a few ticks more for some
// rounds: then there are more stretches.) Of each stretch its ends are tried, and some within. On two cores the party
// on the other one must wait: how far it is while it runs, the warden cannot see.
#include <algorithm>
#include <cstdio>

#include "report.hpp"
#include "round.hpp"
#include "second_deaths.hpp"

using namespace sweep;

namespace {

/// Behind the end of the operation.
constexpr std::uint64_t kBehind = 300;
/// Second deaths are swept by steps that are so much larger, and not smaller than that.
constexpr std::uint64_t kSecondStep = 16, kSecondStepMinimum = 256;

std::uint64_t instants = 0;  ///< that rounds stand for

/// How many ticks the operation takes when nobody dies.
std::uint64_t window_of(Operation operation) {
  one({operation, 0, Death::Nobody, 0});
  const std::uint64_t start = board.start.load();
  std::uint64_t end = start;
  for (const Party party : kParties) end = std::max(end, part_of(party).finished.load());
  return end - start;
}

/// Every n below `window` by `step`.
void sweep_by_steps(Round round, std::uint64_t first, std::uint64_t window, std::uint64_t step) {
  for (round.n = first; round.n < window; round.n += step, ++instants) one(round);
}

/// Every n below `window`, each stretch of instants that are one by some of them.
void sweep_each(Round round, std::uint64_t window) {
  const auto progress_at = [&](std::uint64_t n) {
    round.n = n;
    return one(round);
  };
  instants += window;
  Progress here = progress_at(0);
  for (std::uint64_t n = 0; n + 1 < window;) {
    // `same` is as far as `n` is; so is nothing from `other` on, or the window ends there.
    std::uint64_t same = n, other = n + 1;
    Progress there = progress_at(other);
    while (there.is_same_as(here)) {
      const std::uint64_t width = 2 * (other - n);
      same = other;
      if (other + 1 == window) return;
      other = std::min(n + width, window - 1);
      there = progress_at(other);
    }
    while (other - same > 1) {
      const std::uint64_t middle = same + (other - same) / 2;
      const Progress between = progress_at(middle);
      if (between.is_same_as(here)) {
        same = middle;
      } else {
        other = middle;
        there = between;
      }
    }
    n = other;
    here = there;
  }
}

void sweep_one_way(const Round& round, unsigned way, std::uint64_t window, std::uint64_t step) {
  if (step == 1) {
    sweep_each(round, window);
  } else {
    sweep_by_steps(round, way * 37 % step, window, step);
  }
  one({Operation::Quotas, 0, Death::Nobody, 0});
}

void sweep_operation(Operation operation, std::uint64_t step) {
  const std::uint64_t failed_before = failures, rounds_before = rounds, late_before = late;
  const std::uint64_t instants_before = instants;
  const std::uint64_t window = window_of(operation) + kBehind;
  unsigned way = static_cast<unsigned>(operation);
  for (const Death death : {Death::Final, Death::Restart}) {
    for (unsigned victims = 1; victims <= 3; ++victims, ++way)
      sweep_one_way({operation, victims, death, 0}, way, window, step);
  }
  for (unsigned victims = 1; victims <= 3; ++victims, ++way)
    sweep_one_way({operation, victims, Death::Restart, 0, true}, way, window, step);
  const std::uint64_t of_one = rounds - rounds_before;
  sweep_second_deaths(operation, std::max(kSecondStep * step, kSecondStepMinimum));
  char text[200];
  snprintf(text, sizeof text,
           "%s: %" PRIu64 " rounds for %" PRIu64 " instants, each %" PRIu64 ". of %" PRIu64 " ticks; %" PRIu64
           " with a second death; %" PRIu64 " came late",
           kNames[static_cast<unsigned>(operation)], of_one, instants - instants_before, step, window,
           rounds - rounds_before - of_one, late - late_before);
  report::check(failures == failed_before, text);
}

}  // namespace

int main() {
  const std::uint64_t step = std::max<std::uint64_t>(1, argument() % 1'000'000);
  const std::uint64_t only = argument() / 1'000'000;  // an operation; 0: each
  find_parties();
  for (const Party party : kParties) {
    for (unsigned poll = 0; part_of(party).state.load() != State::Idle && poll < 10 * kSettlePolls; ++poll)
      sleep_ticks(kPollTicks);
  }
  one({Operation::Quotas, 0, Death::Nobody, 0});
  for (std::uint64_t i = 1; i < static_cast<std::uint64_t>(Operation::kCount); ++i) {
    if (only == 0 || only == i) sweep_operation(static_cast<Operation>(i), step);
  }
  one({Operation::Quotas, 0, Death::Nobody, 0});
  printf("# %" PRIu64 " rounds in all, for %" PRIu64 " instants and second deaths; %" PRIu64 " failures, %" PRIu64
         " came late\n",
         rounds, instants, failures, late);
  const int failed = report::finish();
  handles::system.verdict(failures != 0 ? 1 : 0).value();
  return failed;
}
