// SPDX-License-Identifier: Apache-2.0
//
// Trace: what happens in the kernel, event by event. The manifest gives it to a silo by `trace = true`; the handle is
// `handles::trace`. Reading does not stop tracing, and the reader's own reads are not recorded.
//
//   handles::trace.turn_on().value();
//   ...
//   handles::trace.read_all(0, [](const abi::TraceRecord& record) { printf("%s\n", trace_text(record).text); });
#pragma once

#include "granary/audit.hpp"
#include "granary/objects.hpp"

namespace granary {

struct TraceStatistics {
  std::uint64_t recorded = 0, overwritten = 0, unread = 0;
  bool on = false;
};

struct TracePair {
  std::uint64_t count = 0;  ///< 1 or 2
  abi::TraceRecord record[2] = {};
};

namespace detail {
constexpr abi::TraceRecord trace_record(std::uint64_t time, std::uint64_t kind, std::uint64_t data0,
                                        std::uint64_t data1) {
  return {time,
          static_cast<std::uint8_t>(kind),
          static_cast<std::uint8_t>(kind >> 8),
          static_cast<std::uint16_t>(kind >> 16),
          static_cast<std::uint32_t>(kind >> 32),
          {data0, data1}};
}
}  // namespace detail

class Trace : public Handle {
 public:
  using Handle::Handle;
  Result<Trace> duplicate() const { return duplicate_as<Trace>(); }
  Result<Trace> duplicate(std::uint64_t rights) const { return duplicate_as<Trace>(rights); }

  Result<void> turn_on() const { return detail::checked(granary_trace_control(value(), 1), SystemCall::TRACE_CONTROL); }
  Result<void> turn_off() const {
    return detail::checked(granary_trace_control(value(), 0), SystemCall::TRACE_CONTROL);
  }
  /// The oldest one or two records of a core. kWouldBlock if there is none.
  Result<TracePair> read(std::uint64_t core = 0) const {
    granary_trace_read_result raw;
    const granary_status status = granary_trace_read(value(), core, &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::TRACE_READ);
    TracePair pair;
    pair.count = raw.number_of_records;
    pair.record[0] = detail::trace_record(raw.time, raw.kind, raw.data_0, raw.data_1);
    pair.record[1] = detail::trace_record(raw.second_time, raw.second_kind, raw.second_data_0, raw.second_data_1);
    return pair;
  }
  /// Calls `visit` with each record of a core that is there at the beginning, the oldest first; how many there were.
  template <typename Visit>
  std::uint64_t read_all(std::uint64_t core, Visit visit) const {
    const Result<TraceStatistics> before = stats(core);
    if (!before) return 0;
    std::uint64_t count = 0;
    while (count < before->unread) {
      const Result<TracePair> pair = read(core);
      if (!pair) break;
      for (std::uint64_t i = 0; i < pair->count; ++i) visit(pair->record[i]);
      count += pair->count;
    }
    return count;
  }
  Result<TraceStatistics> stats(std::uint64_t core = 0) const {
    granary_trace_stats_result raw;
    const granary_status status = granary_trace_stats(value(), core, &raw);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::TRACE_STATS);
    return TraceStatistics{raw.recorded, raw.overwritten, raw.unread, raw.on != 0};
  }
};

constexpr const char* trace_event_name(abi::TraceEvent event) {
  using enum abi::TraceEvent;
  switch (event) {
    case SyscallEntry: return "SyscallEntry";
    case SyscallExit: return "SyscallExit";
    case SchedSwitchOut: return "SchedSwitchOut";
    case SchedSwitchIn: return "SchedSwitchIn";
    case IpcFastSend: return "IpcFastSend";
    case IpcFastReceive: return "IpcFastReceive";
    case FrameAlloc: return "FrameAlloc";
    case FrameFree: return "FrameFree";
    case PageFault: return "PageFault";
    case IpcSlowPath: return "IpcSlowPath";
    case Interrupt: return "Interrupt";
    case TimerExpiry: return "TimerExpiry";
    case Wake: return "Wake";
    case Block: return "Block";
    case SiloStop: return "SiloStop";
    case CapabilityGrant: return "CapabilityGrant";
    case CapabilityRevoke: return "CapabilityRevoke";
    case CapabilityClose: return "CapabilityClose";
    case RegionMap: return "RegionMap";
    case RegionUnmap: return "RegionUnmap";
    case Idle: return "Idle";
    case TraceOn: return "TraceOn";
  }
  return "?";
}

/// A record in words: "123456 core 0 silo 2/0 SyscallEntry PORT_CALL 0x100000040".
inline RecordText trace_text(const abi::TraceRecord& record) {
  RecordText out;
  const auto event = static_cast<abi::TraceEvent>(record.event);
  const bool is_call = event == abi::TraceEvent::SyscallEntry || event == abi::TraceEvent::SyscallExit;
  char first[24];
  snprintf(first, sizeof first, "%#" PRIx64, record.data[0]);
  char who[24] = "-";
  if (record.silo != 0xffff)
    snprintf(who, sizeof who, "%u/%u", static_cast<unsigned>(record.silo), static_cast<unsigned>(record.thread));
  snprintf(out.text, sizeof out.text, "%" PRIu64 " core %u silo %s %s %s %#" PRIx64, record.time,
           static_cast<unsigned>(record.core), who, trace_event_name(event),
           is_call ? system_call_name(record.data[0]) : first, record.data[1]);
  return out;
}

}  // namespace granary
