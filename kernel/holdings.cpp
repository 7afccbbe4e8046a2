// SPDX-License-Identifier: Apache-2.0
//
// See holdings.hpp. A step looks at all threads up to the first that owes something (at most kThreadsPerSilo), or at 64
// capabilities.
#include "kernel/holdings.hpp"

#include "kernel/objects.hpp"
#include "kernel/report_line.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

constexpr unsigned kCallersNamed = 4;

std::string_view name_of(const ipc::Object& object) {
  return object.name.view().empty() ? std::string_view("(made by a silo)") : object.name.view();
}

void say_what_is_owed(const Silo& silo, Thread& thread) {
  ReportLine line(silo.name.view());
  line.add("thread {} owed {} {}:", thread.name(), thread.owed.count(), thread.owed.count() == 1 ? "reply" : "replies");
  unsigned named = 0;
  for (const ipc::OwedReplies::Record& record : thread.owed) {
    if (record.token == 0) continue;
    if (named == kCallersNamed) {
      line.write(" and more");
      break;
    }
    line.write(named++ == 0 ? " " : ", ");
    if (record.caller == nullptr) {
      line.write("a caller that is gone");
    } else {
      const Thread& caller = Thread::from(*record.caller);
      line.add("{}/{}", caller.silo().name.view(), caller.name());
    }
    if (record.port != nullptr) line.add(" by port {}", name_of(*record.port));
  }
}

void say_unread(const Silo& silo, std::uint64_t messages, std::string_view where, const ipc::Object& object) {
  if (messages == 0) return;
  ReportLine line(silo.name.view());
  line.add("{} {} unread in {} {}", messages, messages == 1 ? "message was" : "messages were", where, name_of(object));
}

/// What waits behind one capability for its holder to receive it.
void say_what_is_unread(Unlocked held, const Silo& silo, const Capability& capability) {
  switch (capability.object->type) {
    case abi::ObjectType::Port: {
      PortObject& port = port_of(capability);
      if (&port.owner != &silo || !has_right(capability.rights, abi::Right::PortReceive)) return;
      say_unread(silo, port.statistics().queued, "port", port);
      return;
    }
    case abi::ObjectType::Channel: {
      if (!has_right(capability.rights, abi::Right::ChannelReceive)) return;
      ChannelObject& channel = channel_of(capability);
      say_unread(silo, channel.statistics(held, capability.end).queued_to_this, "channel", channel);
      return;
    }
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Notification:
    case abi::ObjectType::Semaphore:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Region:
    case abi::ObjectType::AsyncChannel:
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: return;  // nothing is sent to one silo by these
  }
}

}  // namespace

bool Holdings::say_owed(const Silo& silo) {
  while (thread_ < silo.threads().size()) {
    Thread& thread = *silo.threads()[thread_++];
    if (thread.owed.count() == 0) continue;
    say_what_is_owed(silo, thread);
    return true;
  }
  return false;
}

bool Holdings::say_next(Unlocked held, const Silo& silo) {
  if (thread_ == kAllSaid) return false;
  if (say_owed(silo)) return true;
  // Slot 0 is never given out.
  const std::uint32_t slots = silo.capabilities.slots();
  const std::uint32_t end = slots - slot_ < kSlotsInAStep ? slots : slot_ + kSlotsInAStep;
  for (; slot_ < end; ++slot_) {
    const Capability& capability = silo.capabilities.entries()[slot_];
    if (slot_ != 0) say_what_is_unread(held, silo, capability);
  }
  if (slot_ < slots) return true;
  thread_ = kAllSaid;
  return false;
}

}  // namespace kernel
