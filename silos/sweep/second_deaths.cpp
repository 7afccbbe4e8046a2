// SPDX-License-Identifier: Apache-2.0
//
// See second_deaths.hpp. The executioner is a thread of the warden's silo below everybody.
#include "second_deaths.hpp"

#include <algorithm>
#include <atomic>

namespace sweep {

namespace {

/// From the common instant, at most: one party waits for the other, which has not begun (Script::come_later), and
/// begins somewhere in the work of the first end, another place in each round.
constexpr std::uint64_t kFirstStroke = 2'500;
/// The longest that an end and a return take, all in all.
constexpr std::uint64_t kWindow = 60'000;
/// Of that the end alone, which has more steps: n comes more densely there.
constexpr std::uint64_t kEndWindow = 8'000, kDenser = 4;

enum class Second : unsigned { PeerEnds, PeerRestarts, SameEnds, SameRestarts, kCount };

struct Sentence {
  std::atomic<std::uint64_t> when = 0;  ///< ticks; 0: none
  std::uint32_t silo = 0;
  Death death = Death::Nobody;
} sentence;

void strike(const Round& round, Party victim, bool comes_back) {
  const auto done = comes_back ? handles::system.restart(number_of(victim)) : handles::system.kill(number_of(victim));
  // kNotFound: it stays down anyhow; kPeerGone: the first stroke came behind this one and has stopped it for good.
  if (!done.ok() && done.error() != kNotFound && done.error() != kPeerGone)
    fail(round, "a second stroke", -done.error().number());
}

bool is_idle(Party party) { return is_up(party) && part_of(party).state.load() == State::Idle; }

/// Both run and are idle in the end, whoever has to be started for it.
/// `before`: what the party that is struck by neither waits for at the second stroke; `is_final`: that ended the other.
void recover(const Round& round, Party first, const Wait& before, bool is_final) {
  for (unsigned poll = 0; poll < 2 * kSettlePolls && sentence.when.load() != 0; ++poll) sleep_ticks(kPollTicks);
  if (sentence.when.load() != 0) fail(round, "the first stroke does not come back");
  for (unsigned poll = 0; poll < 3 * kSettlePolls; ++poll) {
    if (is_idle(Party::Server) && is_idle(Party::Client)) return;
    if (poll % 20 == 19) handles::service.try_send({kNoMore}).ignore();
    // Not before the survivor has had time to be told.
    constexpr unsigned kTimeToBeTold = 30;
    const Party other = first == Party::Server ? Party::Client : Party::Server;
    if (poll == kTimeToBeTold && is_final && !is_up(first) && wait_of(other).is_for_peer)
      fail(round, "a party waits for one that is down", static_cast<std::int64_t>(other),
           static_cast<std::int64_t>(wait_of(other).kind));
    if (poll >= kTimeToBeTold) {
      for (const Party party : kParties) static_cast<void>(handles::system.start(number_of(party)).ok());
    }
    sleep_ticks(kPollTicks);
  }
  for (const Party party : kParties) {
    if (is_idle(party)) continue;
    const Wait wait = wait_of(party);
    // It began to wait for a peer that had come back already, and does not know of it. But who waited when its peer
    // was stopped for good must have been told.
    const bool should_know = is_final && before.is_for_peer && before.steps == wait.steps;
    if (party != first && wait.is_for_peer && !should_know) {
      ++late;
    } else {
      fail(round, "a party is not idle in the end", static_cast<std::int64_t>(party),
           static_cast<std::int64_t>(wait.kind));
    }
    unstick(party);
  }
}

void one_of_two(const Round& round, Party first, bool first_comes_back, Second second) {
  const std::uint64_t start = begin(round);
  if (start == 0) return;
  ++rounds;
  sentence.silo = number_of(first);
  sentence.death = first_comes_back ? Death::Restart : Death::Final;
  const std::uint64_t stroke = start + rounds * 7919 % kFirstStroke;
  sentence.when.store(stroke);
  handles::sentence.signal(1).ignore();
  granary_sleep_until(stroke + round.n);
  const Party peer = first == Party::Server ? Party::Client : Party::Server;
  const bool is_peer = second == Second::PeerEnds || second == Second::PeerRestarts;
  const Wait before = wait_of(peer);
  strike(round, is_peer ? peer : first, second == Second::PeerRestarts || second == Second::SameRestarts);
  recover(round, first, before, second == Second::SameEnds);
  if (!is_peer) judge_status(round, peer);
}

}  // namespace

void sweep_second_deaths(Operation operation, std::uint64_t step) {
  for (const Party first : kParties) {
    for (const bool first_comes_back : {false, true}) {
      for (unsigned second = 0; second < static_cast<unsigned>(Second::kCount); ++second) {
        const unsigned victims = 1u << static_cast<unsigned>(first);
        for (std::uint64_t n = (second + static_cast<unsigned>(operation)) * 91 % step; n < kWindow;
             n += n < kEndWindow ? std::max<std::uint64_t>(step / kDenser, 1) : step)
          one_of_two({operation, victims, Death::Either, n}, first, first_comes_back, static_cast<Second>(second));
      }
    }
  }
  one({Operation::Quotas, 0, Death::Nobody, 0});
}

}  // namespace sweep

extern "C" void executioner_main(std::uint64_t) {
  using namespace sweep;
  for (;;) {
    handles::sentence.wait().value();
    granary_sleep_until(sentence.when.load());
    const auto done =
        sentence.death == Death::Restart ? handles::system.restart(sentence.silo) : handles::system.kill(sentence.silo);
    static_cast<void>(done.ok());
    sentence.when.store(0);
  }
}
