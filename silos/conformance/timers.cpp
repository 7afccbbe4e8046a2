// SPDX-License-Identifier: Apache-2.0
//
// Timers (defect A4: deadlines on the counter): once, periodic, missed periods, cancelling, rights, and what ends with
// what. Manifest: quota of two timers and two notifications, priority above others.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Error outcome = Error(0);

constexpr std::uint64_t kTick = 0b1, kOther = 0b10;
Notification word;
Timer timer;

void once() {
  word = Notification::create().value();
  timer = Timer::create(word, kTick).value();
  check(timer.info().value().type == abi::ObjectType::Timer, "defect A4 a handle of that type");
  check_error(word.wait(kTick, 5ms), kTimedOut, "defect A4 a new timer does not run");
  const Clock::time_point when = Clock::now() + 5ms;
  check_ok(timer.set(when), "defect A4 it is set to a time");
  check_equal(word.wait(kTick, 2s).value(), kTick, "defect A4 and sets its bits then");
  check(Clock::now() >= when, "defect A4 and not a tick earlier");
  check_error(word.wait(kTick, 10ms), kTimedOut, "defect A4 once");
  check(!timer.cancel().value(), "defect A4 after that it does not run");
  check_ok(timer.set(Clock::now() - 1ms), "defect A4 a time in the past is possible");
  check_ok(word.wait(kTick, 2s), "defect A4 and expires at once");
  timer.set(Clock::now() + 10s).value();
  check(timer.cancel().value(), "defect A4 cancel says that it was running");
  check(!timer.cancel().value(), "defect A4 and then that it was not");
  timer.set(Clock::now() + 10s).value();
  timer.set(Clock::now() + 2ms).value();
  check_ok(word.wait(kTick, 2s), "defect A4 a timer that is set anew has the new time");
  check(!timer.cancel().value(), "defect A4 and not the old one as well");
}

void periodic() {
  check_status(granary_timer_set(timer.value(), 1, 1), GRANARY_EINVAL, "defect A4 a period of a tick is EINVAL");
  check_error(timer.set(Clock::now(), 49us), kInvalidArgument, "defect A4 and one below 50 us");
  check_ok(timer.set(Clock::now() + 10s, 50us), "defect A4 50 us is possible");
  const Clock::time_point start = Clock::now() + 2ms;
  timer.set(start, 4ms).value();
  bool never_early = true;
  for (int i = 0; i < 5; ++i) {
    word.wait(kTick, 2s).value();
    never_early = never_early && Clock::now() >= start + i * 4ms;
  }
  check(never_early, "defect A4 each period one signal, and none early");
  sleep_for(18ms);
  const auto period = (Clock::now() - start) / 4ms;
  check_ok(word.try_wait(kTick), "defect A6 periods that nobody saw are one event");
  const auto again = word.try_wait(kTick);
  const bool has_come_again =
      again.ok() && (Clock::now() - start) / 4ms != period;  // other cores had their turn meanwhile
  check(has_come_again || (!again.ok() && again.error() == kWouldBlock), "defect A6 and not several");
  word.wait(kTick, 2s).value();
  const auto phase = (Clock::now() - start) % 4ms;
  check(phase < 3ms, "defect A4 it keeps to the multiples of its period");
  check(timer.cancel().value(), "defect A4 a periodic timer runs until it is cancelled");
  word.try_wait(kTick).ok();
  check_error(word.wait(kTick, 12ms), kTimedOut, "defect A4 and then no more");
}

void several() {
  const Timer other = Timer::create(word, kOther).value();
  check_error(Timer::create(word, kTick), kQuotaExceeded, "defect A4 the quota ends it: EDQUOT");
  const Clock::time_point now = Clock::now();
  timer.set(now + 20ms).value();
  other.set(now + 10ms).value();
  check_equal(word.wait(kTick | kOther, 2s).value(), kOther, "defect A4 the earlier of two timers comes first");
  check_equal(word.wait(kTick | kOther, 2s).value(), kTick, "defect A4 and then the other");
  other.set(Clock::now() + 5ms).value();
  other.close().value();
  check_error(word.wait(kOther, 20ms), kTimedOut, "defect A4 a timer that is closed does not expire");
}

void rights() {
  const Notification waiter = word.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  check_error(Timer::create(waiter, kTick), kNotPermitted, "defect A3 a timer needs the right to signal");
  waiter.close().value();
  check_error(Timer::create(word, 0), kInvalidArgument, "defect A4 a timer without bits is EINVAL");
  check_error(Timer::create(Notification(timer.value()), kTick), kNotPermitted,
              "defect A3 a timer is no notification: EPERM");
  check_error(Timer::create(Notification(0), kTick), kBadHandle, "defect A3 0 is no handle: EBADF");
  const Timer powerless = timer.duplicate(GRANARY_RIGHT_DUPLICATE).value();
  check_error(powerless.set(1ms), kNotPermitted, "defect A3 setting it without the right is EPERM");
  check_error(powerless.cancel(), kNotPermitted, "defect A3 and cancelling");
  powerless.close().value();
}

void ends() {
  const Notification waiter = word.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  timer.set(Clock::now() + 20ms).value();
  word.close().value();
  check_equal(waiter.wait(kTick, 2s).value(), kTick, "C9 a timer can signal when no handle can any more");
  timer.close().value();
  check_error(waiter.wait(kTick, 2s), kPeerGone, "C9 without it nobody can: EPIPE");
  waiter.close().value();
  word = Notification::create().value();
  Result<Timer> made = Timer::create(word, kTick);
  eventually([&] {
    if (!made) made = Timer::create(word, kTick);
    return made.ok();
  });
  timer = made.value();
  timer.set(Clock::now() + 10ms, 1ms).value();
  word.close().value();
  check(eventually([] { return timer.set(1ms).error() == kPeerGone; }), "C9 a timer ends with its notification");
  check(!timer.cancel().value(), "C9 and does not run");
  check_ok(timer.close(), "C9 and can be closed");
}

void revoked() {
  word = Notification::create().value();
  const Notification given =
      word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL | GRANARY_RIGHT_DUPLICATE | GRANARY_RIGHT_REVOKE).value();
  const Notification passed_on = given.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL).value();
  Result<Timer> made = Timer::create(passed_on, kOther);
  eventually([&] {
    if (!made) made = Timer::create(passed_on, kOther);
    return made.ok();
  });
  timer = made.value();
  const Timer own = Timer::create(word, kTick).value();
  timer.set(Clock::now() + 1ms, 1ms).value();
  own.set(Clock::now() + 1ms, 1ms).value();
  check_ok(word.wait(kOther, 2s), "N2 a timer signals with the right that it was made with");
  check_equal(given.revoke().value(), 1, "N2 a revoke ends what is derived, and counts the capabilities");
  static_cast<void>(word.try_wait(kOther));
  check_error(word.wait(kOther, 10ms), kTimedOut, "N2 a timer made with a revoked right signals no more");
  check_error(timer.set(1ms), kPeerGone, "N2 and cannot be set: EPIPE");
  check_ok(word.wait(kTick, 2s), "N2 one made with another right goes on");
  timer.close().value();
  check_ok(Timer::create(given, kOther), "N2 the right from which it was revoked can be used as before");
}

}  // namespace

int main() {
  once();
  periodic();
  several();
  rights();
  ends();
  revoked();
  return finish();
}
