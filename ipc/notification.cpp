// SPDX-License-Identifier: Apache-2.0
//
// The notification's state machine: see notification.hpp.
#include "ipc/notification.hpp"

namespace ipc {

namespace {

Delivery bits_taken(std::uint64_t bits) {
  return Delivery{.message = {.opcode = 0, .flags = 0, .word = {bits}}, .badge = 0, .token = 0};
}

}  // namespace

void Notification::signal(std::uint64_t bits, WakeList& wakes) {
  if (bits == 0) return;
  bits_ |= bits;
  Party* waiter = waiters_.front();
  while (waiter != nullptr && bits_ != 0) {
    Party* const next = waiters_.next(*waiter);
    const std::uint64_t taken = bits_ & waiter->mask;
    if (taken != 0) {
      bits_ &= ~taken;
      waiters_.remove(*waiter);
      complete(*waiter, {}, bits_taken(taken));
      wakes.push_back(*waiter);
    }
    waiter = next;
  }
  if (bits_ != 0) readable.raise(wakes);
}

Outcome Notification::wait(Party& waiter, std::uint64_t mask, Blocking blocking) {
  const auto completed = [&](base::Result<void> status, const Delivery& delivery = {}) {
    complete(waiter, status, delivery);
    return Outcome::Completed;
  };
  if (mask == 0) return completed(base::Error::EINVAL);
  if (const std::uint64_t taken = bits_ & mask; taken != 0) {
    bits_ &= ~taken;
    return completed({}, bits_taken(taken));
  }
  if (is_disconnected_) return completed(base::Error::EPIPE);
  if (blocking == Blocking::DoNotBlock) return completed(base::Error::EAGAIN);
  if (waiters_.size() == kWaitersMaximum) return completed(base::Error::EBUSY);
  waiter.mask = mask;
  return wait_in(waiter, waiters_, *this);
}

bool Notification::disconnect(std::uint32_t limit, WakeList& wakes) {
  if (!is_disconnected_) {
    is_disconnected_ = true;
    readable.raise(wakes);
  }
  return end_waits(waiters_, limit, base::Error::EPIPE, wakes);
}

}  // namespace ipc
