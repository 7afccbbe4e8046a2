// SPDX-License-Identifier: Apache-2.0
//
// The objects by which events reach threads: notifications, semaphores, timers, and bindings, which no capability
// names: a binding is what BIND makes, and sets bits of a notification each time something happens to another object.
//
// INVARIANT: a binding lives no longer than the capability by which it was made (end_bindings_through), than its right
// to signal and than its notification; its silo's quota is charged for exactly that time.
// INVARIANT: a timer is in the list of its notification until one of the two or its right to signal ends; without a
// notification it never runs.
// INVARIANT: the right to signal of a timer or a binding is derived from the capability that it was made with, and
// linked with those derived from that one if and only if the timer or binding has a notification.
// INVARIANT: a notification can be signalled while a capability may signal it, a timer exists for it, or something is
// bound to it; who waits for it gets EPIPE only when the last of all these is gone.
#pragma once

#include <cstdint>

#include "ipc/notification.hpp"
#include "ipc/semaphore.hpp"
#include "kernel/capability.hpp"
#include "kernel/objects.hpp"
#include "kernel/timer_queue.hpp"

namespace kernel {

class Silo;
struct InterruptObject;
struct NotificationObject;

/// The right to signal of what does so by itself, as long as it may: a capability that no silo has. A close of what it
/// is derived from leaves it to what that was derived from; a revoke ends it (end_signalling). It is not counted among
/// the notification's capabilities, which would keep each other's objects for ever.
struct SignalRight : Capability {
  SignalRight(std::uint64_t whose, const Capability& signaller)
      : Capability{.handle = whose,
                   .rights = static_cast<std::uint64_t>(abi::Right::NotificationSignal),
                   .badge = signaller.badge,
                   .generation = 0,
                   .end = 0,
                   .holder = kHolderKernel,
                   .derivation = {},
                   .object = signaller.object} {}
};

struct TimerObject : SignalRight, ipc::Object, TimerLink {
  TimerObject(const Capability& signaller, NotificationObject& its_notification, std::uint64_t its_bits, Silo& charged)
      : SignalRight(kHandleOfTimer, signaller),
        Object(abi::ObjectType::Timer),
        notification(&its_notification),
        bits(its_bits),
        charged_to(charged) {}

  NotificationObject* notification;  ///< null once that or the right to signal it has ended
  const std::uint64_t bits;
  std::uint64_t period = 0;  ///< in ticks; 0: it expires once
  Silo& charged_to;
  base::ListNode<TimerObject> at_notification;
};

struct NotificationObject : ipc::Notification {
  /// `charged` is null if the manifest made it.
  explicit NotificationObject(Silo* charged) : charged_to(charged) {}
  Silo* const charged_to;
  base::IntrusiveList<TimerObject, &TimerObject::at_notification> timers;
  InterruptObject* first_line = nullptr;  ///< of the interrupt lines bound to it (kernel/interrupt_objects.hpp)
  std::uint64_t unfinished_bits = 0;      ///< of its lines that have fired and were not finished

  bool can_be_signalled() const { return givers != 0 || has_bindings() || !timers.is_empty() || first_line != nullptr; }
};

struct SemaphoreObject : ipc::Semaphore {
  SemaphoreObject(std::uint32_t initial, Silo* charged) : Semaphore(initial), charged_to(charged) {}
  Silo* const charged_to;
};

struct BindingObject : SignalRight, ipc::Binding {
  BindingObject(const Capability& signaller, Silo& binder, std::uint64_t maker)
      : SignalRight(kHandleOfBinding, signaller), charged_to(binder), made_by(maker) {}
  Silo& charged_to;
  const std::uint64_t made_by;  ///< handle of the capability to what it watches, in the binder's table
};

NotificationObject& notification_of(const Capability& capability);  ///< its object is a notification
SemaphoreObject& semaphore_of(const Capability& capability);        ///< its object is a semaphore
TimerObject& timer_of(const Capability& capability);                ///< its object is a timer

// Objects that a silo makes: the handle of the first capability, with every right. EDQUOT, ENOSPC, ENOMEM; nothing has
// changed then.

base::Result<std::uint64_t> create_notification(Unlocked, Silo& creator);
/// EINVAL: an initial count beyond abi::kSemaphoreMaximum.
base::Result<std::uint64_t> create_semaphore(Unlocked, Silo& creator, std::uint64_t initial);
/// A timer that sets `bits`, which may be set through `signaller`. EINVAL no bits, EPERM bits outside its badge, EBUSY
/// a revoke goes through the capabilities of the notification.
base::Result<std::uint64_t> create_timer(Unlocked, Silo& creator, Capability& signaller, std::uint64_t bits);

// Objects of the manifest, at boot. ENOMEM.

base::Result<NotificationObject*> make_manifest_notification(Unlocked, std::string_view name);
base::Result<SemaphoreObject*> make_manifest_semaphore(Unlocked, std::string_view name, std::uint32_t initial);

/// Bits that whoever holds a capability may set. EPERM.
base::Result<void> check_bits(const Capability& signaller, std::uint64_t bits);

// Timers.

/// From now on it expires at `first`, and each `period` ticks after that if that is not 0. EPIPE its notification has
/// ended, or its right to signal that.
base::Result<void> set_timer(TimerObject& timer, base::Ticks first, std::uint64_t period);
/// True if it was running.
bool cancel_timer(TimerObject& timer);
/// It is due, and out of the core's queue: signals, once however many periods have passed; the next expiry is the first
/// multiple in the future.
void expire_timer(TimerObject& timer, base::Ticks now, ipc::WakeList& wakes);

// Bindings.

/// The events (bits of abi::Event) of what the capability names set `bits` of the notification that `signaller` names
/// from now on, and at once if one holds. As watched() (watching.hpp); besides EDQUOT, EBUSY as many as there may be or
/// a revoke goes through the capabilities of the notification, EEXIST bound already by this silo.
base::Result<void> bind(Unlocked, Silo& binder, const Capability& capability, std::uint64_t events,
                        Capability& signaller, std::uint64_t bits, ipc::WakeList& wakes);
/// Every binding of the silo between the two. ENOENT.
base::Result<void> unbind(Silo& binder, const Capability& capability, const NotificationObject& notification);
/// The right to signal of a timer or of a binding is revoked: a timer is stopped for good, a binding ends.
void end_signalling(Capability& right);
/// A capability has ended: so do the bindings that were made by it. At most abi::kBindingsPerEvent for each event.
void end_bindings_through(const Departure& departure);

/// Start of boot (forget_objects).
void forget_timers();

}  // namespace kernel
