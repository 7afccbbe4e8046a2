// SPDX-License-Identifier: Apache-2.0
//
// Notifications (the checklist's N6, defects A6 and C9): bits, masks, blocking, badges' rights, the end of whoever can
// signal. Manifest: quota of two notifications, a helper thread.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Error outcome = Error(0);

template <typename T>
void note(const Result<T>& result) {
  outcome = result.ok() ? Error(0) : result.error();
}

Notification word, partner;
std::uint64_t taken = 0;

void bits() {
  word = Notification::create().value();
  check_equal(word.info().value().rights,
              GRANARY_RIGHT_NOTIFICATION_SIGNAL | GRANARY_RIGHT_NOTIFICATION_WAIT | GRANARY_RIGHT_DUPLICATE |
                  GRANARY_RIGHT_GRANT | GRANARY_RIGHT_REVOKE,
              "N6 the creator gets every right");
  check(word.info().value().type == abi::ObjectType::Notification, "N6 and a handle of that type");
  check_error(word.try_wait(), kWouldBlock, "N6 a new one has no bit set");
  check_ok(word.signal(0b101), "N6 signal sets bits");
  check_equal(word.try_wait(0b100).value(), 0b100, "N6 a wait takes the bits of its mask");
  check_error(word.try_wait(0b110), kWouldBlock, "N6 once");
  check_equal(word.try_wait().value(), 0b1, "N6 and leaves the others");
  word.signal(0b1000).value();
  word.signal(0b1000).value();
  check_equal(word.try_wait().value(), 0b1000, "N6 a bit that is set twice is one event");
  check_error(word.try_wait(), kWouldBlock, "N6 and not two");
  check_ok(word.signal(std::uint64_t{1} << 63), "N6 there are 64 bits");
  check_equal(word.wait().value(), std::uint64_t{1} << 63, "defect A6 what was set before the wait is not lost");
  check_error(word.wait(0), kInvalidArgument, "N6 an empty mask is EINVAL");
  check_ok(word.signal(0), "N6 no bits are no event");
  check_error(word.try_wait(), kWouldBlock, "N6 (none)");
}

void blocking() {
  helper.start([] {
    const Result<std::uint64_t> got = word.wait(0b11);
    taken = got.ok() ? *got : 0;
    note(got);
  });
  helper.settle();
  check(!helper.is_idle(), "N6 a wait without a bit blocks");
  word.signal(0b100).value();
  helper.settle();
  check(!helper.is_idle(), "N6 a bit outside its mask does not wake it");
  word.signal(0b111).value();
  check(helper.wait() && outcome == Error(0), "N6 one inside does");
  check_equal(taken, 0b11, "N6 and it takes all of its mask that is set");
  check_equal(word.try_wait().value(), 0b100, "N6 and no other");
  const Clock::time_point deadline = Clock::now() + 5ms;
  check_error(word.wait(0b1, deadline), kTimedOut, "N6 a wait with a deadline ends then");
  check(Clock::now() >= deadline, "N6 and not a tick earlier");
  check_error(word.wait(0b1, Clock::now() - 1ms), kTimedOut, "N6 a deadline in the past has passed");
  word.signal(0b1).value();
  check_ok(word.wait(0b1, Clock::now() - 1ms), "N6 but what is there is taken");
}

void rights() {
  const Notification waiter = word.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  const Notification signaller = word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL).value();
  check_error(waiter.signal(1), kNotPermitted, "defect A3 signal without the right is EPERM");
  check_error(signaller.wait(), kNotPermitted, "defect A3 wait without the right is EPERM");
  check_ok(signaller.signal(1), "defect A3 signal with it works");
  check_ok(waiter.try_wait(), "defect A3 wait with it works");
  check_error(Notification(word.value() ^ std::uint64_t{1} << 40).signal(1), kBadHandle,
              "defect A3 a handle that was never given is EBADF");
  waiter.close().value();
  signaller.close().value();
}

void quota() {
  partner = Notification::create().value();
  check_error(Notification::create(), kQuotaExceeded, "N6 the quota ends it: EDQUOT");
  partner.close().value();
  check(eventually([] {
          const Result<Notification> again = Notification::create();
          if (again) partner = *again;
          return again.ok();
        }),
        "N6 and closing gives it back");
}

void the_end() {
  static Notification waiter;
  waiter = partner.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  partner.signal(0b10).value();
  helper.start([] { note(waiter.wait(0b1)); });
  helper.settle();
  check_ok(partner.close(), "C9 the last that can signal goes");
  check(helper.wait() && outcome == kPeerGone, "C9 a blocked wait ends with EPIPE");
  check_equal(waiter.wait(0b10).value(), 0b10, "C9 what was set is still taken");
  check_error(waiter.wait(), kPeerGone, "C9 and then EPIPE, without waiting");
  check_error(waiter.try_wait(), kPeerGone, "C9 (nor trying)");
  waiter.close().value();

  static Notification second;
  second = word.duplicate().value();
  helper.start([] { note(second.wait(0b1)); });
  helper.settle();
  second.close().value();
  check(helper.wait() && outcome == kPeerGone, "C9 closing a handle ends the wait that is blocked through it");
  check_ok(word.signal(1), "C9 and the notification lives on by the other");
  check_error(second.wait(), kBadHandle, "C9 the closed handle is EBADF");
}

}  // namespace

int main() {
  bits();
  blocking();
  rights();
  quota();
  the_end();
  return finish();
}
