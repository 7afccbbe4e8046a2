// SPDX-License-Identifier: Apache-2.0
//
// Tracing: see trace.hpp. Owns the rings, the switch, and the memory of whose core it is in the record.
#include "kernel/trace.hpp"

#include <new>

#include "kernel/core.hpp"
#include "kernel/fault.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace detail {
constinit bool tracing = false;
}

namespace {

using abi::TraceEvent;

constexpr std::uint16_t kNoSilo = 0xffff;
constexpr std::uint64_t kReadableFrom = abi::kTraceCapacity / 2;

constinit ipc::Object the_object(abi::ObjectType::Trace);
constinit ipc::WatchPoint readable;
constinit TraceRing rings[kCoresMaximum];
/// Of each core: the thread that was last recorded to get it, null if it left.
constinit const Thread* on_core[kCoresMaximum] = {};

/// Whether the party was blocked for a message or a reply, and has it now; it may also be one that only watches.
bool takes_messages(ipc::Party* party) {
  if (party == nullptr) return false;
  const BlockedOn operation = Thread::from(*party).blocked_on();
  return operation == BlockedOn::Receive || operation == BlockedOn::Call;
}

std::uint32_t this_core_number() { return port::current_core().value(); }

constexpr std::uint64_t number_of(abi::SystemCall call) { return static_cast<std::uint64_t>(call); }

}  // namespace

ipc::Object& trace_object() { return the_object; }
ipc::WatchPoint& trace_readable() { return readable; }

bool trace_is_readable() {
  for (const TraceRing& ring : rings) {
    if (ring.has_memory() && ring.statistics().unread >= kReadableFrom) return true;
  }
  return false;
}

void reset_trace() {
  ::new (&readable) ipc::WatchPoint;  // nobody of an earlier boot waits
  detail::tracing = false;
  for (TraceRing& ring : rings) ring.begin({});
}

base::Result<void> back_trace(Unlocked unlocked) {
  if (rings[0].has_memory()) return {};
  for (std::uint32_t core = 0; core < kCoresMaximum; ++core) {
    if (!core_runs(base::CoreId(core))) continue;
    std::byte* const memory = TRY(allocate_kernel_pages(unlocked, kTracePages));
    // SAFETY: the pages are ours for ever, zero, aligned for any type, and hold exactly so many records.
    auto* const records = ::new (static_cast<void*>(memory)) abi::TraceRecord[abi::kTraceCapacity];
    rings[core].begin({records, abi::kTraceCapacity});
  }
  return {};
}

void set_tracing(bool on, Thread& thread) {
  if (on == trace_is_on()) return;
  detail::tracing = on;
  this_core().follow_tracing();
  signal_other_cores();  // each follows when it leaves the kernel next
  if (!on) return;
  trace(TraceEvent::TraceOn, &thread);
  for (const Thread*& current : on_core) current = nullptr;
  trace_core_goes_to(&thread);
}

void trace(TraceEvent event, const Thread* about, std::uint64_t data0, std::uint64_t data1) {
  const std::uint32_t core = this_core_number();
  rings[core].write({.time = port::now().value(),
                     .event = static_cast<std::uint8_t>(event),
                     .core = static_cast<std::uint8_t>(core),
                     .silo = about == nullptr ? kNoSilo : static_cast<std::uint16_t>(about->silo().id.value()),
                     .thread = about == nullptr ? 0 : about->index_in_silo(),
                     .data = {data0, data1}});
}

std::uint64_t trace_name(const Thread& thread) {
  return abi::make_trace_thread(thread.silo().id.value(), thread.index_in_silo());
}

void trace_core_goes_to(const Thread* thread) {
  const Thread*& current = on_core[this_core_number()];
  if (current == thread) return;
  if (current != nullptr) {
    trace(TraceEvent::SchedSwitchOut, current, static_cast<std::uint64_t>(current->state()),
          static_cast<std::uint64_t>(current->blocked_on()));
  }
  if (thread != nullptr) {
    trace(TraceEvent::SchedSwitchIn, thread, thread->effective_priority().value(), thread->own_priority().value());
  } else {
    trace(TraceEvent::Idle, nullptr);
  }
  current = thread;
}

void trace_message(const Thread& thread, BlockedOn operation, ipc::Outcome outcome, ipc::Party* first) {
  const bool is_message =
      operation == BlockedOn::Send || operation == BlockedOn::Receive || operation == BlockedOn::Call;
  const bool has_completed = outcome == ipc::Outcome::Completed;
  if (!is_message || (has_completed && !thread.completion.status.ok())) return;
  const Arguments arguments(thread);
  if (has_completed && operation == BlockedOn::Receive) {
    trace(TraceEvent::IpcFastReceive, &thread, thread.completion.delivery.badge, arguments.handle());
  } else if (takes_messages(first)) {
    trace(TraceEvent::IpcFastSend, &thread, trace_name(Thread::from(*first)), arguments.handle());
  } else {
    trace(TraceEvent::IpcSlowPath, &thread, arguments.number(), arguments.handle());
  }
}

void trace_mapping(const Thread& thread) {
  if (!thread.completion.status.ok()) return;
  const ipc::Message& results = thread.completion.delivery.message;
  trace(TraceEvent::RegionMap, &thread, results.word[0], results.word[1]);
}

void trace_completion(const Thread& thread) {
  const base::Result<void> status = thread.completion.status;
  const bool sleeps = thread.blocked_on() == BlockedOn::Sleep;
  const std::uint64_t outcome = sleeps || status.ok() ? 0 : base::to_status(status.error());
  // A sleep has had its results since it began.
  const std::uint64_t number = sleeps ? number_of(abi::SystemCall::SLEEP_UNTIL) : Arguments(thread).number();
  if (thread.blocked_on() == BlockedOn::Receive)
    trace_message(thread, BlockedOn::Receive, ipc::Outcome::Completed, nullptr);
  if (number == number_of(abi::SystemCall::REGION_MAP)) trace_mapping(thread);
  trace(TraceEvent::Wake, this_core().running(), trace_name(thread), outcome);
  trace(TraceEvent::SyscallExit, &thread, number, outcome);
}

void trace_stop(const Silo& silo) {
  const bool has_faulted = silo.state() == abi::SiloState::Faulted;
  trace(TraceEvent::SiloStop, silo.threads().empty() ? nullptr : silo.threads().front(),
        static_cast<std::uint64_t>(silo.state()),
        has_faulted ? static_cast<std::uint64_t>(fault_kind(silo.fault_record().report.cause)) : silo.exit_status());
}

void raise_trace(Core& core) {
  if (!trace_is_readable()) return;
  ipc::WakeList wakes;
  readable.raise(wakes);
  core.wake(wakes);
  if (ipc::raising_is_pending()) core.note_work(base::Priority(0));
}

std::uint32_t take_trace(std::uint32_t core, abi::TraceRecord (&records)[2]) {
  std::uint32_t count = 0;
  for (abi::TraceRecord& record : records) {
    const auto taken = rings[core].take();
    if (!taken) break;
    record = *taken;
    ++count;
  }
  return count;
}

const abi::TraceRecord* trace_record(std::uint32_t core, std::uint64_t position) { return rings[core].at(position); }

TraceRing::Statistics trace_statistics(std::uint32_t core) { return rings[core].statistics(); }

}  // namespace kernel
