// SPDX-License-Identifier: Apache-2.0
//
// Audit: what the kernel refused, and what became of silos. The manifest gives it to a silo by `audit = true`; the
// handle is `handles::audit`.
//
//   while (const auto record = handles::audit.read()) printf("%s\n", granary::audit_text(*record).text);
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include "granary/objects.hpp"

namespace granary {

struct AuditRecord {
  std::uint64_t sequence = 0;  ///< a gap is records that found no room
  std::uint64_t time = 0;      ///< ticks of Clock
  std::uint32_t silo = 0;      ///< its place in the manifest
  abi::AuditCategory category = abi::AuditCategory::Denial;
  abi::ObjectType object = abi::ObjectType::None;  ///< what the handle named
  std::uint64_t what = 0;                          ///< number of the call, or abi::AuditLife
  std::uint64_t detail = 0;                        ///< number of an Error, exit status, abi::FaultKind
  std::uint64_t handle = 0;
  std::uint64_t repeats = 0;  ///< denials like this one that followed it
  std::uint64_t more = 0;     ///< a denial: later ones that found no room; a fault: its address
};

struct AuditStatistics {
  std::uint64_t recorded = 0, dropped = 0, unread = 0, repeats = 0;
};

class Audit : public Handle {
 public:
  using Handle::Handle;
  Result<Audit> duplicate() const { return duplicate_as<Audit>(); }
  Result<Audit> duplicate(std::uint64_t rights) const { return duplicate_as<Audit>(rights); }

  /// The oldest record, which is gone then. kWouldBlock if there is none.
  Result<AuditRecord> read() const {
    granary_audit_read_result raw;
    const granary_status status = granary_audit_read(value(), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::AUDIT_READ);
    AuditRecord record;
    record.sequence = raw.sequence_number;
    record.time = raw.time;
    record.silo = static_cast<std::uint32_t>(raw.subject);
    record.category = static_cast<abi::AuditCategory>(raw.subject >> abi::kAuditCategoryShift & 0xff);
    record.object = static_cast<abi::ObjectType>(raw.subject >> abi::kAuditObjectShift & 0xff);
    record.what = raw.what;
    record.detail = raw.detail;
    record.handle = raw.handle;
    record.repeats = raw.repeats;
    record.more = raw.more;
    return record;
  }
  Result<AuditStatistics> stats() const {
    granary_audit_stats_result raw;
    const granary_status status = granary_audit_stats(value(), &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::AUDIT_STATS);
    return AuditStatistics{raw.recorded, raw.dropped, raw.unread, raw.repeats};
  }
};

/// "PORT_SEND", "?" for a number that is none.
constexpr const char* system_call_name(std::uint64_t number) {
  switch (number) {
#define SYSTEM_CALL(call_number, name, object, right, in, out, errors, text) \
  case call_number:                                                          \
    return #name;
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
    default: return "?";
  }
}

struct RecordText {
  char text[120];
};

/// A record in words: "12 silo 3: PORT_SEND refused: EPERM (and 5 more)".
inline RecordText audit_text(const AuditRecord& record) {
  RecordText out;
  const int error = static_cast<int>(record.detail);
  const char* end = "refused";
  switch (record.category) {
    case abi::AuditCategory::Denial:
    case abi::AuditCategory::Quota:
    case abi::AuditCategory::Lifecycle: break;
    case abi::AuditCategory::Deadline: end = "missed the deadline of its link"; break;
    case abi::AuditCategory::Overrun: end = "ended, the caller's budget used up"; break;
  }
  if (record.category != abi::AuditCategory::Lifecycle) {
    snprintf(out.text, sizeof out.text,
             "%" PRIu64 " silo %u: %s %s: %s, %" PRIu64 " more of the same, %" PRIu64 " lost", record.sequence,
             static_cast<unsigned>(record.silo), system_call_name(record.what), end, Error(error).name(),
             record.repeats, record.more);
    return out;
  }
  const char* verb = "?";
  switch (static_cast<abi::AuditLife>(record.what)) {
    case abi::AuditLife::Started: verb = "started"; break;
    case abi::AuditLife::Exited: verb = "ended with status"; break;
    case abi::AuditLife::Killed: verb = "was stopped by silo"; break;
    case abi::AuditLife::Faulted:
      verb = static_cast<abi::FaultKind>(record.detail) == abi::FaultKind::Watchdog ? "was stopped by its watchdog:"
                                                                                    : "was stopped by a fault of kind";
      break;
    case abi::AuditLife::Restarted: verb = "runs again; times:"; break;
    case abi::AuditLife::Poison: verb = "was ended twice by a message: opcode"; break;
    case abi::AuditLife::StaysDown: verb = "stays down; why:"; break;
    case abi::AuditLife::Replaced: verb = "gets image"; break;
    case abi::AuditLife::ImageRefused: verb = "goes on, for this image is damaged:"; break;
    case abi::AuditLife::InterruptStorm: verb = "has an interrupt that fires too often: line"; break;
  }
  snprintf(out.text, sizeof out.text, "%" PRIu64 " silo %u %s %" PRIu64, record.sequence,
           static_cast<unsigned>(record.silo), verb, record.detail);
  return out;
}

}  // namespace granary
