// SPDX-License-Identifier: Apache-2.0
//
// Semaphore: a count from 0 to abi::kSemaphoreMaximum. A post goes to whoever has waited longest, in the same step, and
// counts only if nobody waits: so none is lost, none wakes two, and no newcomer overtakes.
//
// INVARIANT: waiters is not empty => the count is 0, and somebody can post or disconnect() is at work.
#pragma once

#include <cstdint>

#include "ipc/object.hpp"
#include "ipc/party.hpp"
#include "ipc/watch.hpp"

namespace ipc {

class Semaphore : public Object {
 public:
  /// `initial` is at most abi::kSemaphoreMaximum.
  explicit constexpr Semaphore(std::uint32_t initial) : Object(abi::ObjectType::Semaphore), count_(initial) {}

  /// EINVAL if it would count beyond abi::kSemaphoreMaximum; nothing has changed then.
  base::Result<void> post(WakeList& wakes);
  /// Counts down. EAGAIN; EPIPE the count is 0 and nobody can post any more.
  Outcome wait(Party& waiter, Blocking blocking);
  /// Nobody can post any more, which who watches is told as well: completes at most `limit` waiters with EPIPE; true
  /// when none is left.
  bool disconnect(std::uint32_t limit, WakeList& wakes);
  /// Who could post comes back: at most `limit` waiters end with `error`; true when none is left.
  bool interrupt(std::uint32_t limit, base::Error error, WakeList& wakes) {
    return end_waits(waiters_, limit, error, wakes);
  }
  /// Somebody can again, after disconnect().
  void reconnect() { is_disconnected_ = false; }

  // What the kernel does in few steps (kernel/quick_calls.cpp). False: nothing has changed, and the operations above do
  // it.

  bool post_at_once() {
    if (has_waiters() || readable.has_listeners() || count_ == abi::kSemaphoreMaximum) return false;
    ++count_;
    return true;
  }
  /// The post goes to who has waited longest, if may(party) says yes: it waits no more. Null: nobody, or it said no.
  template <typename May>
  Party* hand_over_at_once(May may) {
    Party* const waiter = waiters_.front();
    if (waiter == nullptr || !may(*waiter)) return nullptr;
    waiters_.remove(*waiter);
    stop_waiting(*waiter);
    return waiter;
  }
  bool wait_at_once() {
    if (count_ == 0) return false;
    --count_;
    return true;
  }

  std::uint32_t count() const { return count_; }
  /// A wait would not block.
  bool is_readable() const { return count_ != 0 || is_disconnected_; }
  bool has_waiters() const { return !waiters_.is_empty(); }

  WatchPoint readable;  ///< is_readable()

 private:
  std::uint32_t count_;
  bool is_disconnected_ = false;
  PartyQueue waiters_;
};

}  // namespace ipc
