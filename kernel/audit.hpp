// SPDX-License-Identifier: Apache-2.0
//
// The audit (N11): what the kernel refused, and what became of silos. One for the whole system; the ring is
// audit_ring.hpp's. Its memory is taken at boot when the first capability to it is installed: without one nobody could
// read it, and nothing is recorded. Used in shared sections (kernel/shared_section.hpp).
#pragma once

#include "ipc/watch.hpp"
#include "kernel/audit_ring.hpp"
#include "kernel/core.hpp"
#include "kernel/silo.hpp"

namespace kernel {

/// What capabilities name.
ipc::Object& audit_object();
/// Raised with each new record; the condition is audit_is_readable().
ipc::WatchPoint& audit_readable();
bool audit_is_readable();

/// Boot: as if nothing had happened, without memory.
void reset_audit();
/// At boot, for the first capability: takes the memory. ENOMEM.
base::Result<void> back_audit(Unlocked);
/// No more silos will be made: each gets its share of the ring.
void begin_audit(std::uint32_t silos);

/// The running thread's call was refused with this error; its registers are still those of the call. Whoever waits for
/// the audit becomes ready.
void audit_denial(Thread& thread, base::Error error);
/// The operation in which the thread is blocked is about to end, because its link's deadline has passed; its registers
/// are still those of the call.
void audit_missed_deadline(Thread& thread);
/// A call that a server has not answered ends because the caller's budget is used up.
void audit_ended_call(Thread& caller);
/// An event in a silo's life. Whoever waits for the audit becomes ready.
void audit_life(Core& core, const Silo& silo, abi::AuditLife what, std::uint64_t detail = 0, std::uint64_t more = 0);

std::optional<abi::AuditRecord> take_audit_record();
AuditRing::Statistics audit_statistics();

/// Kernel memory that the ring takes.
inline constexpr base::PageCount kAuditPages =
    base::PageCount::containing(abi::kAuditCapacity * sizeof(abi::AuditRecord));

}  // namespace kernel
