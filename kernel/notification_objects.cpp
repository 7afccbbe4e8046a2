// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of notifications. The pool is touched in shared sections.
#include "kernel/core.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::Notification);

constinit ObjectPool<NotificationObject> pool;

/// What could still signal it is let go, as nobody can wait any more; at most kReapParties of each. True when all is.
bool end_sources(NotificationObject& notification) {
  for (std::uint32_t count = 0; count < kReapParties; ++count) {
    TimerObject* const timer = notification.timers.front();
    if (timer == nullptr) break;
    silence_timer(*timer);
  }
  for (std::uint32_t count = 0; count < kReapParties && notification.has_bindings(); ++count) {
    free_binding(*notification.any_binding());
  }
  // A driver has few lines; each is one of the manifest's.
  for (std::uint32_t count = 0; count < kReapParties && notification.first_line != nullptr; ++count)
    unbind_line(*notification.first_line);
  return notification.timers.is_empty() && !notification.has_bindings() && notification.first_line == nullptr;
}

}  // namespace

NotificationObject& notification_of(const Capability& capability) {
  // SAFETY: type says what an object is, and every notification is made here.
  return static_cast<NotificationObject&>(*capability.object);
}

base::Result<void> back_notifications(Unlocked unlocked, std::uint32_t count) { return pool.reserve(unlocked, count); }

std::uint32_t live_notifications() { return pool.live(); }

base::Result<std::uint64_t> create_notification(Unlocked unlocked, Silo& creator) {
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  Quota& quota = creator.quota(abi::QuotaKind::Notifications);
  TRY(quota.charge(1));
  const auto made = pool.create(unlocked, &creator);
  if (!made.ok()) {
    quota.give_back(1);
    return made.error();
  }
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0});
}

base::Result<NotificationObject*> make_manifest_notification(Unlocked unlocked, std::string_view name) {
  TRY(back_notifications(unlocked, 1));
  Silo* const nobody = nullptr;
  NotificationObject* const notification = TRY(pool.create(unlocked, nobody));
  notification->name = base::FixedName(name);
  return notification;
}

base::Result<void> check_bits(const Capability& signaller, std::uint64_t bits) {
  if (signaller.badge != 0 && (bits & ~signaller.badge) != 0) return base::Error::EPERM;
  return {};
}

void source_has_ended(NotificationObject& notification) {
  if (!notification.can_be_signalled()) begin_ending(notification);
}

void end_signalling(Capability& right) {
  // The notification can be signalled still: by the capability from which the revoke proceeds.
  // SAFETY of the casts: the handle says what the capability is part of (SignalRight).
  if (right.handle == kHandleOfTimer) {
    silence_timer(static_cast<TimerObject&>(right));
  } else if (right.handle == kHandleOfLine) {
    unbind_line(static_cast<InterruptObject&>(right));
  } else {
    free_binding(static_cast<BindingObject&>(right));
  }
}

bool end_notification(NotificationObject& notification, ipc::WakeList& wakes) {
  const bool is_named = notification.references != 0;
  if (!is_named && !end_sources(notification)) return false;
  if (notification.can_be_signalled()) return true;
  if (!notification.disconnect(kReapParties, wakes)) return false;
  if (is_named || notification.is_kept) return true;
  // Who watched it is still being told.
  if (notification.readable.is_watched()) return false;
  notification.readable.forget();
  if (notification.charged_to != nullptr) notification.charged_to->quota(abi::QuotaKind::Notifications).give_back(1);
  pool.give_back(notification);
  return true;
}

}  // namespace kernel
