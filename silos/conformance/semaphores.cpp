// SPDX-License-Identifier: Apache-2.0
//
// Semaphores (the checklist's N4, defects C9 and C12): counting, its bounds, blocking, order, the end of whoever can
// post. Manifest: quota of two semaphores, helper, and two threads that wait in turn.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Error outcome = Error(0);

template <typename T>
void note(const Result<T>& result) {
  outcome = result.ok() ? Error(0) : result.error();
}

Semaphore gate, second;
std::atomic<int> turns[2] = {0, 0};
std::atomic<int> order = 0;
std::atomic<bool> is_open = false;

void take_turns(int which) {
  while (!is_open) sleep_for(1ms);
  if (which == 1) sleep_for(10ms);
  if (gate.wait().ok()) turns[which] = ++order;
}

void counting() {
  check_error(Semaphore::create(std::uint64_t{1} << 31), kInvalidArgument, "N4 an initial count of 2^31 is EINVAL");
  check_error(Semaphore::create(~std::uint64_t{0}), kInvalidArgument, "N4 and all ones");
  gate = Semaphore::create(2).value();
  check(gate.info().value().type == abi::ObjectType::Semaphore, "N4 a handle of that type");
  check_ok(gate.try_wait(), "N4 an initial count of 2 can be taken");
  check_ok(gate.wait(), "N4 twice");
  check_error(gate.try_wait(), kWouldBlock, "N4 and not three times");
  check_ok(gate.post(), "N4 a post counts up");
  check_ok(gate.wait(do_not_block), "N4 and can be taken");
  check_error(gate.wait(do_not_block), kWouldBlock, "N4 once");
  const Clock::time_point deadline = Clock::now() + 5ms;
  check_error(gate.wait(deadline), kTimedOut, "N4 a wait with a deadline ends then");
  check(Clock::now() >= deadline, "N4 and not a tick earlier");
  second = Semaphore::create(GRANARY_SEMAPHORE_MAXIMUM).value();
  check_error(second.post(), kInvalidArgument, "N4 one more than 2^31-1 is EINVAL");
  check_ok(second.try_wait(), "N4 and has changed nothing");
  check_ok(second.post(), "N4 so that there is room for one");
  check_error(second.post(), kInvalidArgument, "N4 and no more");
  check_error(Semaphore::create(0), kQuotaExceeded, "N4 the quota ends it: EDQUOT");
  check_ok(second.close(), "N4 close gives it up");
  check_error(second.post(), kBadHandle, "N4 and then it is EBADF");
}

void blocking() {
  helper.start([] { note(gate.wait()); });
  helper.settle();
  check(!helper.is_idle(), "N4 a wait at 0 blocks");
  gate.post().value();
  check(helper.wait() && outcome == Error(0), "N4 a post lets it go on");
  check_error(gate.try_wait(), kWouldBlock, "N4 and counts for nobody else");
  is_open = true;
  sleep_for(30ms);
  gate.post().value();
  check(eventually([] { return order == 1; }), "N4 a post lets one go on");
  check(turns[0] == 1 && turns[1] == 0, "N4 who has waited longest");
  gate.post().value();
  check(eventually([] { return order == 2; }), "N4 and the next one the other");
  bool all = true;
  for (int i = 0; i < 1000; ++i) all = gate.post().ok() && all;
  for (int i = 0; i < 1000; ++i) all = gate.wait(1s).ok() && all;
  check(all, "C12 a thousand posts are a thousand waits");
  check_error(gate.try_wait(), kWouldBlock, "C12 and not one more");
  helper.start([] {
    for (int i = 0; i < 500; ++i) gate.post().value();
  });
  for (int i = 0; i < 500; ++i) all = gate.wait(5s).ok() && all;
  check(all && helper.wait(), "C12 and between threads no post is lost");
}

void the_end() {
  static Semaphore waiter;
  check(eventually([] {
          const Result<Semaphore> again = Semaphore::create(1);
          if (again) second = *again;
          return again.ok();
        }),
        "N4 closing gave the quota back");
  waiter = second.duplicate(GRANARY_RIGHT_SEMAPHORE_WAIT).value();
  check_error(waiter.post(), kNotPermitted, "defect A3 post without the right is EPERM");
  const Semaphore poster = second.duplicate(GRANARY_RIGHT_SEMAPHORE_POST).value();
  check_error(poster.try_wait(), kNotPermitted, "defect A3 wait without the right is EPERM");
  second.close().value();
  check_ok(waiter.wait(), "C9 it lives while somebody can post");
  helper.start([] { note(waiter.wait()); });
  helper.settle();
  poster.post().value();
  check(helper.wait() && outcome == Error(0), "C9 and works by that");
  poster.post().value();
  helper.start([] {
    waiter.wait().value();
    note(waiter.wait());
  });
  helper.settle();
  check_ok(poster.close(), "N4 the last that can post goes");
  check(helper.wait() && outcome == kPeerGone, "N4 a blocked wait ends with EPIPE");
  check_error(waiter.wait(), kPeerGone, "C9 a wait returns EPIPE at once");
  check_error(waiter.try_wait(), kPeerGone, "C9 (and a try)");
  static Semaphore copy;
  copy = gate.duplicate().value();
  helper.start([] { note(copy.wait()); });
  helper.settle();
  copy.close().value();
  check(helper.wait() && outcome == kPeerGone, "C9 closing a handle ends the wait that is blocked through it");
  check_ok(gate.post(), "C9 and the semaphore lives on by the other");
}

}  // namespace

extern "C" void first_main(std::uint64_t) {
  take_turns(0);
  exit_thread();
}
extern "C" void second_main(std::uint64_t) {
  take_turns(1);
  exit_thread();
}

int main() {
  counting();
  blocking();
  the_end();
  return finish();
}
