// SPDX-License-Identifier: Apache-2.0
//
// The calls of those who may read what the kernel records: audit and trace.
#include "kernel/audit.hpp"
#include "kernel/core.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

base::Result<std::uint32_t> traced_core(const Call& call) {
  const std::uint64_t core = call.arguments().trace_core();
  if (core >= kCoresMaximum || !core_runs(base::CoreId(static_cast<std::uint32_t>(core)))) return base::Error::EINVAL;
  return static_cast<std::uint32_t>(core);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::AUDIT_READ>(const Call& call) {
  const auto record = take_audit_record();
  if (!record) return base::Error::EAGAIN;
  call.results().succeed(Values{{record->sequence, record->time, record->subject, record->what, record->detail,
                                 record->handle, record->repeats, record->more}});
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::AUDIT_STATS>(const Call& call) {
  const AuditRing::Statistics now = audit_statistics();
  call.results().succeed(now.recorded, now.dropped, now.unread, now.repeats);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::TRACE_CONTROL>(const Call& call) {
  const std::uint64_t state = call.arguments().trace_state();
  if (state > 1) return base::Error::EINVAL;
  set_tracing(state == 1, call.thread);
  call.results().succeed();
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::TRACE_READ>(const Call& call) {
  abi::TraceRecord records[2] = {};
  const std::uint32_t count = take_trace(TRY(traced_core(call)), records);
  if (count == 0) return base::Error::EAGAIN;
  Values values;
  for (std::uint32_t i = 0; i < count; ++i) {
    const abi::TraceRecord& record = records[i];
    const std::uint64_t words[4] = {record.time, abi::make_trace_kind(record), record.data[0], record.data[1]};
    for (unsigned word = 0; word < 4; ++word) values.word[4 * i + word] = words[word];
  }
  call.results().succeed(values, count);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::TRACE_STATS>(const Call& call) {
  const TraceRing::Statistics now = trace_statistics(TRY(traced_core(call)));
  call.results().succeed(now.recorded, now.overwritten, trace_is_on() ? 1 : 0, now.unread);
  return Decision::stay();
}

}  // namespace kernel
