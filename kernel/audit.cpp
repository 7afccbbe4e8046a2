// SPDX-License-Identifier: Apache-2.0
//
// The audit: see audit.hpp. Owns the ring and the object.
#include "kernel/audit.hpp"

#include <new>

#include "kernel/core.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

namespace {

constinit ipc::Object the_object(abi::ObjectType::Audit);
constinit ipc::WatchPoint readable;
constinit AuditRing ring;

void record(Core& core, const Silo& silo, const AuditEvent& event, base::Priority urgency) {
  if (!ring.has_memory() || !ring.record(silo.id, event, port::now())) return;
  ipc::WakeList wakes;
  readable.raise(wakes);
  core.wake(wakes);
  if (ipc::raising_is_pending()) core.note_work(urgency);
}

/// About the call whose arguments are in the thread's registers.
void record_call(Thread& thread, abi::AuditCategory category, base::Error error) {
  if (!ring.has_memory()) return;
  const Arguments arguments(thread.context());
  AuditEvent event{.category = category, .what = arguments.number(), .detail = static_cast<std::uint64_t>(error)};
  if (takes_handle(arguments.number())) {
    event.handle = arguments.handle();
    const auto named = thread.silo().capabilities.lookup(arguments.handle());
    if (named.ok()) event.object = named.value()->object->type;
  }
  record(this_core(), thread.silo(), event, thread.effective_priority());
}

}  // namespace

ipc::Object& audit_object() { return the_object; }
ipc::WatchPoint& audit_readable() { return readable; }
bool audit_is_readable() { return !ring.is_empty(); }

void reset_audit() {
  ring.begin({});
  ::new (&readable) ipc::WatchPoint;  // nobody of an earlier boot waits
}

base::Result<void> back_audit(Unlocked unlocked) {
  if (ring.has_memory()) return {};
  std::byte* const memory = TRY(allocate_kernel_pages(unlocked, kAuditPages));
  // SAFETY: the pages are ours for ever, zero, aligned for any type, and hold exactly so many records.
  auto* const records = ::new (static_cast<void*>(memory)) abi::AuditRecord[abi::kAuditCapacity];
  ring.begin({records, abi::kAuditCapacity});
  return {};
}

void begin_audit(std::uint32_t silos) {
  if (ring.has_memory()) ring.set_shares(silos);
}

void audit_denial(Thread& thread, base::Error error) {
  record_call(thread, error == base::Error::EDQUOT ? abi::AuditCategory::Quota : abi::AuditCategory::Denial, error);
}

void audit_missed_deadline(Thread& thread) {
  record_call(thread, abi::AuditCategory::Deadline, base::Error::ETIMEDOUT);
}

void audit_ended_call(Thread& caller) { record_call(caller, abi::AuditCategory::Overrun, base::Error::ETIMEDOUT); }
void audit_life(Core& core, const Silo& silo, abi::AuditLife what, std::uint64_t detail, std::uint64_t more) {
  const AuditEvent event{.category = abi::AuditCategory::Lifecycle,
                         .object = abi::ObjectType::Silo,
                         .what = static_cast<std::uint64_t>(what),
                         .detail = detail,
                         .more = more};
  record(core, silo, event, base::Priority(0));
}

std::optional<abi::AuditRecord> take_audit_record() { return ring.take(); }
AuditRing::Statistics audit_statistics() { return ring.statistics(); }

}  // namespace kernel
