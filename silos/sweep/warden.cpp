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
#include <algorithm>
#include <cstdio>

#include "report.hpp"
#include "round.hpp"
#include "second_deaths.hpp"

using namespace sweep;

namespace {

/// Behind the end of the operation.
constexpr std::uint64_t kBehind = 300;
/// Second deaths are swept by steps that are so much larger.
constexpr std::uint64_t kSecondStep = 16;

/// How many ticks the operation takes when nobody dies.
std::uint64_t window_of(Operation operation) {
  one({operation, 0, Death::Nobody, 0});
  const std::uint64_t start = board.start.load();
  std::uint64_t end = start;
  for (const Party party : kParties) end = std::max(end, part_of(party).finished.load());
  return end - start;
}

void sweep_operation(Operation operation, std::uint64_t step) {
  const std::uint64_t failed_before = failures, rounds_before = rounds, late_before = late;
  const std::uint64_t window = window_of(operation) + kBehind;
  unsigned way = static_cast<unsigned>(operation);
  for (const Death death : {Death::Final, Death::Restart}) {
    for (unsigned victims = 1; victims <= 3; ++victims, ++way) {
      for (std::uint64_t n = way * 37 % step; n < window; n += step) one({operation, victims, death, n});
      one({Operation::Quotas, 0, Death::Nobody, 0});
    }
  }
  for (unsigned victims = 1; victims <= 3; ++victims, ++way) {
    for (std::uint64_t n = way * 37 % step; n < window; n += step) one({operation, victims, Death::Restart, n, true});
    one({Operation::Quotas, 0, Death::Nobody, 0});
  }
  const std::uint64_t of_one = rounds - rounds_before;
  sweep_second_deaths(operation, kSecondStep * step);
  char text[160];
  snprintf(text, sizeof text,
           "%s: %" PRIu64 " rounds, a death at each %" PRIu64 ". of %" PRIu64 " ticks; %" PRIu64
           " with a second death; %" PRIu64 " came late",
           kNames[static_cast<unsigned>(operation)], of_one, step, window, rounds - rounds_before - of_one,
           late - late_before);
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
  printf("# %" PRIu64 " rounds in all, %" PRIu64 " failures, %" PRIu64 " came late\n", rounds, failures, late);
  const int failed = report::finish();
  handles::system.verdict(failures != 0 ? 1 : 0).value();
  return failed;
}
