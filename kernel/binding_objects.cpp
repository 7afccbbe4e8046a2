// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of bindings. The pool is touched in shared sections.
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"
#include "kernel/watching.hpp"

namespace kernel {

namespace {

constinit ObjectPool<BindingObject> pool;

/// SAFETY of the cast: every binding is made here.
BindingObject& as_object(ipc::Binding& binding) { return static_cast<BindingObject&>(binding); }

/// Ends those bindings of the object that `is_meant` says; how many.
template <typename Predicate>
std::uint32_t end_bindings(ipc::Object& object, Predicate is_meant) {
  ipc::WatchPoint* points[kPointsMaximum];
  const unsigned count = bindable_points(object, points);
  std::uint32_t ended = 0;
  for (unsigned i = 0; i < count; ++i) {
    ipc::Binding* binding = points[i]->first_binding();
    while (binding != nullptr) {
      ipc::Binding* const next = points[i]->next_binding(*binding);
      if (is_meant(as_object(*binding))) {
        auto& notification = static_cast<NotificationObject&>(*binding->notification);
        free_binding(*binding);
        source_has_ended(notification);
        ++ended;
      }
      binding = next;
    }
  }
  return ended;
}

/// Whether the silo can bind the notification to the point.
base::Result<void> check(const ipc::WatchPoint& point, const Silo& binder, const NotificationObject& notification) {
  for (ipc::Binding* binding = point.first_binding(); binding != nullptr; binding = point.next_binding(*binding)) {
    if (binding->notification == &notification && &as_object(*binding).charged_to == &binder)
      return base::Error::EEXIST;
  }
  if (!point.has_room_for_binding()) return base::Error::EBUSY;
  return {};
}

}  // namespace

base::Result<void> back_bindings(Unlocked unlocked, std::uint32_t count) { return pool.reserve(unlocked, count); }

std::uint32_t live_bindings() { return pool.live(); }

base::Result<void> bind(Unlocked unlocked, Silo& binder, const Capability& capability, std::uint64_t events,
                        Capability& signaller, std::uint64_t bits, ipc::WakeList& wakes) {
  NotificationObject& notification = notification_of(signaller);
  constexpr abi::Event kEvents[ipc::kEvents] = {abi::Event::Readable, abi::Event::Writable};
  // A notification is not bound to a notification: no signal causes another one.
  if (events == 0 || events >> ipc::kEvents != 0 || capability.object->type == abi::ObjectType::Notification)
    return base::Error::EINVAL;
  Watched wanted[ipc::kEvents] = {};
  std::uint32_t count = 0;
  for (const abi::Event event : kEvents) {
    if ((events & static_cast<std::uint64_t>(event)) == 0) continue;
    wanted[count] = TRY(watched(unlocked, capability, event));
    TRY(check(*wanted[count].point, binder, notification));
    ++count;
  }
  if (notification.is_revoking) return base::Error::EBUSY;
  Quota& quota = binder.quota(abi::QuotaKind::Bindings);
  TRY(quota.charge(count));
  // What is watched may be used on other cores, now or later; the notification is signalled there then.
  if (several_cores_run()) notification.sole_core = ipc::kSeveralCores;
  bool holds = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto made = pool.create(unlocked, signaller, binder, capability.handle);
    if (!made.ok()) __builtin_trap();  // there is memory for all that quotas permit (back_bindings)
    wanted[i].point->bind(*made.value(), notification, bits);
    derivation::link_child(*made.value(), signaller);
    holds = holds || wanted[i].is_ready;
  }
  if (holds) notification.signal(bits, wakes);
  return {};
}

base::Result<void> unbind(Silo& binder, const Capability& capability, const NotificationObject& notification) {
  const std::uint32_t ended = end_bindings(*capability.object, [&](const BindingObject& binding) {
    return binding.notification == &notification && &binding.charged_to == &binder;
  });
  if (ended == 0) return base::Error::ENOENT;
  return {};
}

void end_bindings_through(const Departure& departure) {
  end_bindings(*departure.object, [&](const BindingObject& binding) {
    return binding.made_by == departure.handle && binding.charged_to.id.value() == departure.holder;
  });
}

void free_binding(ipc::Binding& binding) {
  BindingObject& object = as_object(binding);
  ipc::unbind(object);
  derivation::unlink(object);
  object.charged_to.quota(abi::QuotaKind::Bindings).give_back(1);
  pool.give_back(object);
}

}  // namespace kernel
