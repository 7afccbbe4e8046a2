// SPDX-License-Identifier: Apache-2.0
//
// Tracing (N12): events of each core in a ring of its own. Its memory is taken at boot when the first capability to the
// trace is installed; without one nobody could turn tracing on, and trace() does nothing for ever.
//
// What it costs while off: the entries go through other vectors (port::use_traced_entries), so a system call that
// blocks nobody costs nothing; the places inside the kernel that record something ask trace_is_on() first, one load and
// a branch. Each core writes into a ring of its own;
// they are read in shared sections.
#pragma once

#include "ipc/watch.hpp"
#include "kernel/core.hpp"
#include "kernel/trace_ring.hpp"

namespace kernel {

/// What capabilities name.
ipc::Object& trace_object();
/// Raised while tracing is on and a ring is half full; the condition is trace_is_readable().
ipc::WatchPoint& trace_readable();
bool trace_is_readable();

/// Boot: off, empty, without memory.
void reset_trace();
/// At boot, for the first capability: takes the memory. ENOMEM.
base::Result<void> back_trace(Unlocked);

/// Of each core.
inline constexpr base::PageCount kTracePages =
    base::PageCount::containing(abi::kTraceCapacity * sizeof(abi::TraceRecord));

namespace detail {
extern constinit bool tracing;
}
inline bool trace_is_on() { return detail::tracing; }

/// TRACE_CONTROL. `thread` is running.
void set_tracing(bool on, Thread& thread);

// The rest is called only while trace_is_on().

/// An event about a thread of this core, or about none.
void trace(abi::TraceEvent event, const Thread* about, std::uint64_t data0 = 0, std::uint64_t data1 = 0);
/// How an event's data name a thread.
std::uint64_t trace_name(const Thread& thread);
/// The core is given to this thread, or to none: records who leaves it and who gets it, if that is a change.
void trace_core_goes_to(const Thread* thread);
/// What a message operation of the thread has achieved: the reference's IpcFastSend, IpcFastReceive and IpcSlowPath.
/// `first` is the first that it woke, null if nobody: for a send, whoever took the message at once. The registers are
/// still those of the call.
void trace_message(const Thread& thread, BlockedOn operation, ipc::Outcome outcome, ipc::Party* first);
/// A REGION_MAP of the thread has completed; nothing if it has failed.
void trace_mapping(const Thread& thread);
/// The silo has stopped.
void trace_stop(const Silo& silo);
/// A blocked call of the thread has completed; its registers are still those of the call.
void trace_completion(const Thread& thread);
/// Wakes whoever waits for the trace, if there is enough to read.
void raise_trace(Core& core);

/// A core that runs. At most two records at a time; how many there were.
std::uint32_t take_trace(std::uint32_t core, abi::TraceRecord (&records)[2]);
/// Without taking it; TraceRing::at.
const abi::TraceRecord* trace_record(std::uint32_t core, std::uint64_t position);
TraceRing::Statistics trace_statistics(std::uint32_t core);

}  // namespace kernel
