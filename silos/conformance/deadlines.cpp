// SPDX-License-Identifier: Apache-2.0
//
// Deadlines on everything that blocks: past, none, forever, and how exact. Manifest: priority above the other silos
// (nothing delays it), quota for a port and a channel, a helper thread, three threads that begin at sleeper_main.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

const Deadline kLongPast = Deadline::from_ticks(1);
constexpr int kRepetitions = 20;
constexpr int kRepetitionsAtMost = 500;

Port port;
Channel here, there;

std::atomic<Clock::time_point> wake_up{};
std::atomic<int> order = 0;
std::atomic<int> sleepers_done = 0;
int place_of[4] = {};

void past_deadlines() {
  check_error(port.receive(kLongPast), kTimedOut, "receive with a past deadline is ETIMEDOUT");
  check_error(here.receive(kLongPast), kTimedOut, "a channel's receive too");
  check_error(port.call({}, kLongPast), kTimedOut, "a call too");
  check_error(port.try_receive(), kWouldBlock, "and it has left nothing behind");
  check_ok(port.send({1}, kLongPast), "but a send that can complete at once does");
  check_ok(port.receive(kLongPast), "and so does a receive");
  check_ok(here.send({1}, kLongPast), "and a channel's send");
  check_error(here.send({2}, kLongPast), kTimedOut, "full: ETIMEDOUT");
  check_ok(there.receive(kLongPast), "and a channel's receive");
  const Clock::time_point before = Clock::now();
  sleep_until(kLongPast);
  check(Clock::now() - before < 500ms, "sleeping until a past time returns at once");
}

void not_waiting() {
  check_error(port.receive(do_not_block), kWouldBlock, "receive with deadline 0 is EAGAIN");
  check_error(here.receive(do_not_block), kWouldBlock, "a channel's receive too");
  check_ok(here.send({1}, do_not_block), "a channel's send with deadline 0 succeeds if there is room");
  check_error(here.send({2}, do_not_block), kWouldBlock, "and is EAGAIN if there is none");
  check_ok(there.receive(do_not_block), "a receive with deadline 0 takes what is there");
  check_error(port.call({}, do_not_block), kInvalidArgument, "a call with deadline 0 is EINVAL");
  const Clock::time_point before = Clock::now();
  check_status(granary_sleep_until(0), GRANARY_OK, "sleeping until 0 succeeds");
  check(Clock::now() - before < 500ms, "and returns at once");
}

/// Runs `wait` with deadlines 1 to 3 ms ahead: never early, whatever happens; and on time at least once (an emulated
/// machine may itself be kept waiting at any moment).
template <typename Wait>
void exactness(const char* never_early, const char* on_time, Wait wait) {
  bool early = false;
  Clock::duration best = 1s;
  for (int i = 0; i < kRepetitions || (best >= 1ms && i < kRepetitionsAtMost); ++i) {
    const Clock::time_point deadline = Clock::now() + 1ms + i % 20 * 100us;
    wait(deadline);
    const Clock::duration late = Clock::now() - deadline;
    early = early || late.count() < 0;
    best = std::min(best, late);
  }
  check(!early, never_early);
  check(best < 1ms, on_time);
  printf("# %lld us late at best\n", static_cast<long long>(best / 1us));
}

void forever_means_forever() {
  helper.start([] {
    sleep_for(60ms);
    port.try_send({3}).value();
  });
  check_ok(port.receive(forever), "a receive without a deadline waits");
  check_ok(port.send({4}, Deadline::from_ticks(abi::kDeadlineForever - 1)), "the last tick is a deadline like others");
  check_ok(port.receive(std::chrono::hours(24 * 365)), "so is next year");
  helper.wait();
}

void several_sleepers() {
  wake_up = Clock::now() + 100ms;
  check(eventually([] { return sleepers_done == 3; }), "three threads sleep to three deadlines");
  check(place_of[1] == 3 && place_of[2] == 2 && place_of[3] == 1, "and wake in the order of their deadlines");
}

}  // namespace

// The manifest starts three of these; the later one is created, the earlier it wakes.
extern "C" void sleeper_main(std::uint64_t) {
  static std::atomic<int> created = 0;
  const int number = ++created;
  while (wake_up.load() == Clock::time_point{}) sleep_for(1ms);
  sleep_until(wake_up.load() + (4 - number) * 5ms);
  place_of[number] = ++order;
  ++sleepers_done;
}

int main() {
  port = Port::create().value();
  const ChannelEnds ends = Channel::create(1).value();
  here = ends.first;
  there = ends.second;
  past_deadlines();
  not_waiting();
  exactness("a sleep is never too short", "and ends on time",
            [](Clock::time_point deadline) { sleep_until(deadline); });
  exactness("a receive never gives up early", "and gives up on time",
            [](Clock::time_point deadline) { port.receive(deadline).error(); });
  exactness("a channel's receive never gives up early", "and gives up on time",
            [](Clock::time_point deadline) { here.receive(deadline).error(); });
  exactness("a call never gives up early", "and gives up on time",
            [](Clock::time_point deadline) { port.call({}, deadline).error(); });
  forever_means_forever();
  several_sleepers();
  return finish();
}
