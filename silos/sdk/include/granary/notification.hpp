// SPDX-License-Identifier: Apache-2.0
//
// Notification: a word of 64 event bits. What is set stays set until somebody takes it, so an event that comes while
// nobody waits is not lost; the same bit set twice is one event.
#pragma once

#include "granary/objects.hpp"

namespace granary {

/// Which of the things that can happen to an object; both can be asked for.
enum class Events : std::uint64_t {
  Readable = GRANARY_EVENT_READABLE,  ///< a receive or a wait would not block; of a silo: it has stopped
  Writable = GRANARY_EVENT_WRITABLE,  ///< a send would not block
  Both = GRANARY_EVENT_READABLE | GRANARY_EVENT_WRITABLE,
};

class Notification : public Handle {
 public:
  using Handle::Handle;
  static constexpr std::uint64_t kAllBits = ~std::uint64_t{0};

  /// kQuotaExceeded, kNoMemory, kTableFull.
  static Result<Notification> create() {
    granary_handle handle;
    const granary_status status = granary_notification_create(&handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::NOTIFICATION_CREATE);
    return Notification(handle);
  }
  Result<Notification> duplicate() const { return duplicate_as<Notification>(); }
  Result<Notification> duplicate(std::uint64_t rights) const { return duplicate_as<Notification>(rights); }

  /// Sets bits. kNotPermitted if this capability has a badge and a bit lies outside it.
  Result<void> signal(std::uint64_t bits) const {
    return detail::checked(granary_notification_signal(value(), bits), SystemCall::NOTIFICATION_SIGNAL);
  }
  /// Takes the bits of the mask that are set, at least one. kTimedOut; kPeerGone if none is set and nobody can set one
  /// any more; with do_not_block kWouldBlock; kBusy if 32 threads wait already.
  Result<std::uint64_t> wait(std::uint64_t mask = kAllBits, Deadline deadline = forever) const {
    std::uint64_t taken;
    const granary_status status = granary_notification_wait(value(), mask, deadline.ticks(), &taken);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::NOTIFICATION_WAIT);
    return taken;
  }
  Result<std::uint64_t> try_wait(std::uint64_t mask = kAllBits) const { return wait(mask, do_not_block); }

  /// From now on each event of the object sets these bits, and at once if it holds already. It ends with unbind(), or
  /// when `object` or this notification is closed. kQuotaExceeded, kBusy, kExists.
  Result<void> bind(const Handle& object, std::uint64_t bits, Events events = Events::Readable) const {
    return detail::checked(granary_bind(object.value(), value(), bits, static_cast<std::uint64_t>(events)),
                           SystemCall::BIND);
  }
  /// kNotFound if nothing is bound.
  Result<void> unbind(const Handle& object) const {
    return detail::checked(granary_unbind(object.value(), value()), SystemCall::UNBIND);
  }
};

}  // namespace granary
