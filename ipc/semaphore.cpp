// SPDX-License-Identifier: Apache-2.0
//
// The semaphore's state machine: see semaphore.hpp. Whoever calls is in a shared section, or on the one core that uses
// the semaphore, with interrupts masked; so a count is changed in one step, and not by a compare-and-swap that may
// fail.
#include "ipc/semaphore.hpp"

namespace ipc {

base::Result<void> Semaphore::post(WakeList& wakes) {
  if (Party* const waiter = waiters_.pop_front()) {
    complete(*waiter, {});
    wakes.push_back(*waiter);
    return {};
  }
  if (count_ == abi::kSemaphoreMaximum) return base::Error::EINVAL;
  ++count_;
  readable.raise(wakes);
  return {};
}

Outcome Semaphore::wait(Party& waiter, Blocking blocking) {
  const auto completed = [&](base::Result<void> status) {
    complete(waiter, status);
    return Outcome::Completed;
  };
  if (count_ != 0) {
    --count_;
    return completed({});
  }
  if (is_disconnected_) return completed(base::Error::EPIPE);
  if (blocking == Blocking::DoNotBlock) return completed(base::Error::EAGAIN);
  return wait_in(waiter, waiters_, *this);
}

bool Semaphore::disconnect(std::uint32_t limit, WakeList& wakes) {
  if (!is_disconnected_) {
    is_disconnected_ = true;
    readable.raise(wakes);
  }
  return end_waits(waiters_, limit, base::Error::EPIPE, wakes);
}

}  // namespace ipc
