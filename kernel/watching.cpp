// SPDX-License-Identifier: Apache-2.0
//
// Conditions by type of object: see watching.hpp.
#include "kernel/watching.hpp"

#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/console_readable.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

/// Whether the capability carries one of the rights; both may be the same.
base::Result<void> check(const Capability& capability, abi::Right one, abi::Right other) {
  if (has_right(capability.rights, one) || has_right(capability.rights, other)) return {};
  return base::Error::EPERM;
}

base::Result<Watched> watched_to_read(Unlocked unlocked, const Capability& capability) {
  using enum abi::Right;
  switch (capability.object->type) {
    case abi::ObjectType::Port: {
      TRY(check(capability, PortReceive, PortReceive));
      PortObject& port = port_of(capability);
      return Watched{&port.readable, port.is_readable()};
    }
    case abi::ObjectType::Channel: {
      TRY(check(capability, ChannelReceive, ChannelReceive));
      ChannelObject& channel = channel_of(capability);
      return Watched{&channel.readable[capability.end], channel.is_readable(unlocked, capability.end)};
    }
    case abi::ObjectType::Notification: {
      TRY(check(capability, NotificationWait, NotificationWait));
      NotificationObject& notification = notification_of(capability);
      return Watched{&notification.readable, notification.is_readable()};
    }
    case abi::ObjectType::Semaphore: {
      TRY(check(capability, SemaphoreWait, SemaphoreWait));
      SemaphoreObject& semaphore = semaphore_of(capability);
      return Watched{&semaphore.readable, semaphore.is_readable()};
    }
    case abi::ObjectType::Silo: {
      TRY(check(capability, SiloObserve, SiloObserve));
      Silo& silo = silo_of(capability);
      return Watched{&silo.stopped, silo.has_stopped()};
    }
    case abi::ObjectType::AsyncChannel: {
      TRY(check(capability, AsyncReceive, AsyncReceive));
      AsyncObject& channel = async_of(capability);
      return Watched{&channel.readable, channel.can_receive()};
    }

    case abi::ObjectType::Audit:
      TRY(check(capability, AuditRead, AuditRead));
      return Watched{&audit_readable(), audit_is_readable()};
    case abi::ObjectType::Trace:
      TRY(check(capability, TraceRead, TraceRead));
      return Watched{&trace_readable(), trace_is_readable()};
    case abi::ObjectType::Console:
      TRY(check(capability, ConsoleOwn, ConsoleOwn));
      return Watched{&console_readable(), console_is_readable()};
    case abi::ObjectType::None:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::Region: break;
  }
  return base::Error::EINVAL;
}

base::Result<Watched> watched_to_write(Unlocked unlocked, const Capability& capability) {
  using enum abi::Right;
  if (capability.object->type == abi::ObjectType::Port) {
    TRY(check(capability, PortSend, PortCall));
    PortObject& port = port_of(capability);
    return Watched{&port.writable, port.is_writable()};
  }
  if (capability.object->type == abi::ObjectType::Channel) {
    TRY(check(capability, ChannelSend, ChannelSend));
    ChannelObject& channel = channel_of(capability);
    return Watched{&channel.writable[capability.end], channel.is_writable(unlocked, capability.end)};
  }
  return base::Error::EINVAL;
}

}  // namespace

base::Result<Watched> watched(Unlocked unlocked, const Capability& capability, abi::Event event) {
  return event == abi::Event::Readable ? watched_to_read(unlocked, capability) : watched_to_write(unlocked, capability);
}

unsigned bindable_points(ipc::Object& object, ipc::WatchPoint* (&points)[kPointsMaximum]) {
  unsigned count = 0;
  // SAFETY of the casts: type says what an object is, and every object of a type is made in the file of its kind.
  switch (object.type) {
    case abi::ObjectType::Port: {
      auto& port = static_cast<PortObject&>(object);
      points[count++] = &port.readable;
      points[count++] = &port.writable;
      break;
    }
    case abi::ObjectType::Channel: {
      auto& channel = static_cast<ChannelObject&>(object);
      for (ipc::WatchPoint& point : channel.readable) points[count++] = &point;
      for (ipc::WatchPoint& point : channel.writable) points[count++] = &point;
      break;
    }
    case abi::ObjectType::Semaphore: points[count++] = &static_cast<SemaphoreObject&>(object).readable; break;
    case abi::ObjectType::Silo: points[count++] = &static_cast<Silo&>(object).stopped; break;
    case abi::ObjectType::Audit: points[count++] = &audit_readable(); break;
    case abi::ObjectType::Trace: points[count++] = &trace_readable(); break;
    case abi::ObjectType::AsyncChannel: points[count++] = &static_cast<AsyncObject&>(object).readable; break;
    case abi::ObjectType::Console: points[count++] = &console_readable(); break;
    case abi::ObjectType::Notification:  // a notification is not bound to a notification: no signal causes another
    case abi::ObjectType::None:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::Region: break;
  }
  return count;
}

}  // namespace kernel
