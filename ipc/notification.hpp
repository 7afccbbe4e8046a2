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
