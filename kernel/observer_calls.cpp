// SPDX-License-Identifier: Apache-2.0
//
// The calls of an operator (rights SystemObserve and SystemKill): which silos, threads and capabilities there are, as
// records of abi.hpp in the caller's message page, a page at most for each call; and the end of a silo. The cursor is
// the number of the next silo, thread or slot, so a list that changes meanwhile is told with what it then has, and a
// call takes a bounded time whatever the cursor.
//
// INVARIANT: looking changes nothing, and tells no address: objects are told apart by the place of their first
// capability in the kernel's list.
#include <cstddef>
#include <span>
#include <string_view>

#include "ipc/channel.hpp"
#include "ipc/port.hpp"
#include "kernel/cpu_time.hpp"
#include "kernel/direct_call.hpp"
#include "kernel/fault.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_stop.hpp"
#include "kernel/system_call.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

constexpr std::uint32_t kSlotsPerCall = 256;  // most of a table is free, and free slots cost time too
static_assert(kSlotsPerCall > base::kPageSize / sizeof(abi::CapabilityRecord));

/// The message page as an array of records.
/// SAFETY: the kernel's own mapping of a whole page, which lives as long as its thread. The kernel only writes there,
/// and what the silo makes of a record while it is written is its own business.
template <typename Record>
std::span<Record> records_in(abi::MessagePage& page) {
  static_assert(std::is_trivially_copyable_v<Record> && alignof(Record) <= alignof(abi::MessagePage));
  return {static_cast<Record*>(static_cast<void*>(&page)), base::kPageSize / sizeof(Record)};
}

void copy_name(char (&field)[abi::kObservedNameBytes], std::string_view name) {
  static_assert(abi::kNameLengthMaximum < abi::kObservedNameBytes);
  for (std::size_t i = 0; i < abi::kObservedNameBytes; ++i) field[i] = i < name.size() ? name[i] : '\0';
}

std::uint64_t pages_of(const Silo& silo) {
  std::uint64_t pages = silo.quota(abi::QuotaKind::RegionPages).used();
  for (const Region& region : silo.regions()) pages += region.range.size().value();
  return pages;
}

abi::SiloRecord record_of(const Silo& silo) {
  const SiloEnd end = end_of(silo);
  const DirectCallCounts direct = direct_call_counts(silo);
  abi::SiloRecord record = {};
  copy_name(record.name, silo.name.view());
  record.silo = silo.id.value();
  record.state = static_cast<std::uint32_t>(silo.state());
  record.why = end.why;
  record.fault_address = end.address;
  record.core = silo.core().value();
  record.live_threads = silo.live_threads();
  record.pages = pages_of(silo);
  record.sent = silo.messages_sent.load() + direct.sent;
  record.received = silo.messages_received.load() + direct.received;
  record.refused = silo.refused_calls;
  record.cpu_time = cpu_time(silo).value();
  record.capabilities = silo.capabilities.live();
  record.label = silo.label;
  return record;
}

constexpr std::uint32_t number(abi::ThreadState state) { return static_cast<std::uint32_t>(state); }

std::uint32_t state_of(const Thread& thread) {
  switch (thread.state_seen()) {
    case ThreadState::Ready: return number(abi::ThreadState::Ready);
    case ThreadState::Running: return number(abi::ThreadState::Running);
    case ThreadState::Blocked: return number(abi::ThreadState::Blocked);
    case ThreadState::Ending: return number(abi::ThreadState::Ending);
    case ThreadState::Dead: break;
  }
  return number(abi::ThreadState::Dead);
}

/// What a thread waits for, and at which object; null if there is none, or it does not matter.
struct ObservedWait {
  abi::ThreadWait wait;
  const ipc::Object* object = nullptr;
};

ObservedWait wait_of(const Thread& thread) {
  using enum abi::ThreadWait;
  switch (thread.waiting.load()) {
    case ipc::Waiting::Nothing: break;
    case ipc::Waiting::SendSlot: return {PortRoom, thread.ipc::Party::port.load()};
    case ipc::Waiting::CallQueued: return {PortCall, thread.ipc::Party::port.load()};
    case ipc::Waiting::Reply: return {Reply, thread.ipc::Party::port.load()};
    case ipc::Waiting::PortMessage: return {PortMessage, thread.ipc::Party::port.load()};
    case ipc::Waiting::ChannelRoom: return {ChannelRoom, thread.channel.load()};
    case ipc::Waiting::ChannelMessage: return {ChannelMessage, thread.channel.load()};
    case ipc::Waiting::Queue: return {Event, thread.awaited.load()};
    case ipc::Waiting::Any: return {Any};
    case ipc::Waiting::Kernel: return {Kernel};
  }
  return {thread.blocked_on_seen() == BlockedOn::Sleep ? Time : Nothing};
}

abi::ObservedThread record_of(const Thread& thread) {
  const ObservedWait wait = wait_of(thread);
  abi::ObservedThread record = {};
  copy_name(record.name, thread.name());
  record.silo = thread.silo().id.value();
  record.thread = thread.index_in_silo();
  record.state = state_of(thread);
  record.wait = static_cast<std::uint32_t>(wait.wait);
  if (wait.object != nullptr) {
    copy_name(record.object, wait.object->name.view());
    record.object_type = static_cast<std::uint32_t>(wait.object->type);
  }
  record.priority = thread.own_priority().value();
  record.effective_priority = thread.effective_priority().value();
  record.core = thread.core().id().value();
  record.cpu_time = cpu_time(thread).value();
  // On another core it may have been answered since.
  ipc::Party* const server = thread.server.load();
  if (wait.wait == abi::ThreadWait::Reply && server != nullptr) {
    record.server_silo = Thread::from(*server).silo().id.value();
    record.server_thread = Thread::from(*server).index_in_silo();
  }
  return record;
}

abi::CapabilityRecord record_of(const Capability& capability, std::uint32_t slot) {
  abi::CapabilityRecord record = {};
  copy_name(record.object, capability.object->name.view());
  record.rights = capability.rights;
  record.badge = capability.badge;
  record.slot = slot;
  record.type = static_cast<std::uint16_t>(capability.object->type);
  record.end = capability.end;
  record.identity = capability.object->first_capability;
  return record;
}

/// Records of `all` from the cursor on, as many as the page holds.
template <typename Record, typename Thing>
base::Result<Decision> tell(const Call& call, std::span<Thing* const> all) {
  const std::uint64_t cursor = call.arguments().observed_cursor();
  if (cursor >= all.size() && cursor != 0) return base::Error::EINVAL;
  const std::span<Record> records = records_in<Record>(call.thread.message_page());
  std::uint64_t next = cursor;
  for (; next < all.size() && next - cursor < records.size(); ++next) records[next - cursor] = record_of(*all[next]);
  call.results().succeed(next - cursor, next == all.size() ? 0 : next);
  return Decision::stay();
}

base::Result<Silo*> named_silo(const Call& call) { return silo_of_number(call.arguments().observed_silo()); }

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_SILOS>(const Call& call) {
  return tell<abi::SiloRecord>(call, silos());
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_THREADS>(const Call& call) {
  return tell<abi::ObservedThread>(call, all_threads());
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_CAPABILITIES>(const Call& call) {
  const CapabilityTable& table = TRY(named_silo(call))->capabilities;
  const std::uint64_t cursor = call.arguments().capability_cursor();
  if (cursor >= table.slots() && cursor != 0) return base::Error::EINVAL;
  const std::span<abi::CapabilityRecord> records = records_in<abi::CapabilityRecord>(call.thread.message_page());
  auto slot = static_cast<std::uint32_t>(cursor);
  const std::uint32_t end = table.slots() - slot < kSlotsPerCall ? table.slots() : slot + kSlotsPerCall;
  std::uint32_t count = 0;
  for (; slot < end && count < records.size(); ++slot) {
    const Capability& capability = table.entries()[slot];
    // A free entry names the null object and has no right; a live one of no right still names its object.
    if (capability.object == nullptr || capability.object->type == abi::ObjectType::None) continue;
    records[count++] = record_of(capability, slot);
  }
  call.results().succeed(count, slot == table.slots() ? 0 : slot);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SYSTEM_KILL>(const Call& call) {
  Silo& victim = *TRY(named_silo(call));
  if (victim.core() != call.core().id())
    return core_of(victim.core()).visit(call.thread, victim, BlockedOn::Kernel, base::Ticks::forever());
  call.results().succeed();
  return kill_silo(call.thread, victim);
}

}  // namespace kernel
