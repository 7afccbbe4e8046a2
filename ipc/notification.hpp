// SPDX-License-Identifier: Apache-2.0
//
// Notification: 64 event bits, level-triggered. A bit that is set stays set until a waiter takes it, so no event is
// lost while nobody waits; a bit that is set twice is one event. A waiter waits for any bit of a mask and takes exactly
// the bits of its mask that are set.
//
// INVARIANT: no waiter's mask has a bit that is set.
// INVARIANT: at most kWaitersMaximum parties wait, so a signal is bounded.
#pragma once

#include <cstdint>

#include "ipc/object.hpp"
#include "ipc/party.hpp"
#include "ipc/watch.hpp"

namespace ipc {

class Notification : public Object {
 public:
  static constexpr std::uint32_t kWaitersMaximum = 32;

  constexpr Notification() : Object(abi::ObjectType::Notification) {}

  /// Sets bits; the longest waiting parties whose masks have them take them.
  void signal(std::uint64_t bits, WakeList& wakes);
  /// Takes the bits of `mask` that are set: word 0 of the delivery. EINVAL an empty mask; EAGAIN; EBUSY
  /// kWaitersMaximum wait; EPIPE nobody can set a bit any more and none of the mask is set.
  Outcome wait(Party& waiter, std::uint64_t mask, Blocking blocking);
  /// Nobody can set a bit any more, which who watches is told as well: completes at most `limit` waiters with EPIPE;
  /// true when none is left.
  bool disconnect(std::uint32_t limit, WakeList& wakes);
  /// Who could set a bit comes back: at most `limit` waiters end with `error`; true when none is left.
  bool interrupt(std::uint32_t limit, base::Error error, WakeList& wakes) {
    return end_waits(waiters_, limit, error, wakes);
  }
  /// Somebody can again, after disconnect().
  void reconnect() { is_disconnected_ = false; }

  // What the kernel does in few steps (kernel/quick_calls.cpp): the commonest cases, without anybody who listens.
  // False: nothing has changed, and the operations above do it.

  /// `woken`: the only waiter, if it takes bits now, which may(party) permitted; it waits no more, `taken` are its
  /// bits.
  template <typename May>
  bool signal_at_once(std::uint64_t bits, May may, Party*& woken, std::uint64_t& taken) {
    if (readable.has_listeners() || waiters_.size() > 1) return false;
    Party* const waiter = waiters_.front();
    const std::uint64_t all = bits_ | bits;
    const std::uint64_t wanted = waiter == nullptr ? 0 : all & waiter->mask;
    if (bits == 0 || (wanted != 0 && !may(*waiter))) return false;
    bits_ = all & ~wanted;
    if (wanted == 0) return true;
    waiters_.remove(*waiter);
    stop_waiting(*waiter);
    woken = waiter;
    taken = wanted;
    return true;
  }
  /// `taken`: the bits, or 0 if the party waits for them now, which may() permitted.
  template <typename May>
  bool wait_at_once(Party& waiter, std::uint64_t mask, May may, std::uint64_t& taken) {
    taken = bits_ & mask;
    if (taken != 0) {
      bits_ &= ~taken;
      return true;
    }
    if (mask == 0 || is_disconnected_ || waiters_.size() == kWaitersMaximum || !may()) return false;
    waiter.mask = mask;
    static_cast<void>(wait_in(waiter, waiters_, *this));
    return true;
  }

  std::uint64_t bits() const { return bits_; }
  /// A wait for any bit would not block.
  bool is_readable() const { return bits_ != 0 || is_disconnected_; }
  bool has_waiters() const { return !waiters_.is_empty(); }
  bool has_bindings() const { return !bindings_.is_empty(); }
  Binding* any_binding() const { return bindings_.front(); }

  WatchPoint readable;  ///< is_readable()

 private:
  friend class WatchPoint;
  friend void unbind(Binding& binding);

  std::uint64_t bits_ = 0;
  bool is_disconnected_ = false;
  PartyQueue waiters_;
  base::IntrusiveList<Binding, &Binding::at_notification> bindings_;
};

}  // namespace ipc
