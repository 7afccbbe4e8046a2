// SPDX-License-Identifier: Apache-2.0
//
// Tracing from a silo that may: what is recorded, overwriting, reading while it goes on. Prints a few records as people
// read them. argument: the silo's place in the manifest.
#include <algorithm>
#include <vector>

#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;
using abi::TraceEvent;
using abi::TraceRecord;

namespace {

const Trace trace = handles::trace;
std::uint16_t self = 0;
std::uint64_t own_core = 0;  ///< wherever the silos are spread
Port port;

std::vector<TraceRecord> read_own() {
  std::vector<TraceRecord> all;
  trace.read_all(own_core, [&](const TraceRecord& record) {
    if (record.silo == self) all.push_back(record);
  });
  return all;
}
std::vector<TraceRecord> read_everything() {
  std::vector<TraceRecord> all;
  for (std::uint64_t core = 0; core < abi::kCoresMaximum; ++core)  // of those that do not run there is nothing
    trace.read_all(core, [&](const TraceRecord& record) { all.push_back(record); });
  std::stable_sort(all.begin(), all.end(), [](const auto& one, const auto& other) { return one.time < other.time; });
  return all;
}
bool is(const TraceRecord& record, TraceEvent event) { return record.event == static_cast<std::uint8_t>(event); }
const TraceRecord* find(const std::vector<TraceRecord>& records, TraceEvent event, std::uint64_t data0) {
  for (const TraceRecord& record : records) {
    if (is(record, event) && record.data[0] == data0) return &record;
  }
  return nullptr;
}
const TraceRecord* find(const std::vector<TraceRecord>& records, TraceEvent event) {
  for (const TraceRecord& record : records) {
    if (is(record, event)) return &record;
  }
  return nullptr;
}
/// A null call with a number in X0, which the trace shows.
void mark(std::uint64_t number) {
  register std::uint64_t x0 __asm__("x0") = number;
  register std::uint64_t x8 __asm__("x8") = GRANARY_SYS_NULL_CALL;
  __asm__ __volatile__("svc #0"
                       : "+r"(x0), "+r"(x8)
                       :
                       : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
                         "x16", "x17", "x18", "cc", "memory");
}

/// The core whose ring has a record of this silo.
void find_own_core() {
  trace.turn_on().value();
  mark(0);
  trace.turn_off().value();
  for (const TraceRecord& record : read_everything()) {
    if (record.silo == self) own_core = record.core;
  }
}

void check_calls() {
  mark(12345);
  const auto records = read_own();
  const TraceRecord* const entry = find(records, TraceEvent::SyscallEntry, GRANARY_SYS_NULL_CALL);
  const TraceRecord* const exit = find(records, TraceEvent::SyscallExit, GRANARY_SYS_NULL_CALL);
  check(entry != nullptr && entry->data[1] == 12345, "N12 a call's entry, with number and handle");
  check(exit != nullptr && exit->data[1] == 0, "N12 its exit, with number and status");
  check(entry != nullptr && entry->thread == 0 && entry->core == own_core,
        "N12 of the thread that made it, on its core");
  check(entry != nullptr && exit != nullptr && exit >= entry && exit->time >= entry->time, "N12 in this order");
  check(find(records, TraceEvent::TraceOn) != nullptr, "N12 the beginning itself is an event");
  for (std::size_t i = 0; i < records.size() && i < 6; ++i) printf("# %s\n", trace_text(records[i]).text);
}

void check_switches() {
  sleep_for(2ms);
  const auto everything = read_everything();
  const auto own = [&](TraceEvent event) {
    for (const TraceRecord& record : everything) {
      if (record.silo == self && is(record, event)) return true;
    }
    return false;
  };
  check(own(TraceEvent::Block) && own(TraceEvent::SchedSwitchOut) && own(TraceEvent::SchedSwitchIn),
        "N12 a sleep blocks, leaves the core and gets it back");
  check(find(everything, TraceEvent::SyscallExit, GRANARY_SYS_SLEEP_UNTIL) != nullptr, "N12 and its call ends then");
  check(find(everything, TraceEvent::Interrupt) != nullptr, "N12 interrupts are recorded");
  check(find(everything, TraceEvent::TimerExpiry) != nullptr && find(everything, TraceEvent::Wake) != nullptr,
        "N12 the deadline and the wake-up as well");
  bool ascends = true;
  for (std::size_t i = 1; i < everything.size(); ++i) ascends = ascends && everything[i].time >= everything[i - 1].time;
  check(ascends, "N12 times never go back");
}

void check_messages() {
  helper.start([] {
    Result<Request> request = port.receive();
    static_cast<void>(Port::reply(std::move(request->token), {}));
  });
  helper.settle();
  static_cast<void>(read_everything());
  static_cast<void>(port.call({}));
  check(helper.wait(), "N12 (a call to a waiting server)");
  const auto records = read_own();
  const TraceRecord* const sent = find(records, TraceEvent::IpcFastSend);
  check(sent != nullptr && sent->data[0] == abi::make_trace_thread(self, 1) && sent->data[1] == port.value(),
        "F8 IpcFastSend names the taker and the handle");
  check(find(records, TraceEvent::IpcFastReceive) != nullptr, "F8 IpcFastReceive");
  static_cast<void>(port.try_send({}));
  static_cast<void>(port.try_receive());
  check(find(read_own(), TraceEvent::IpcSlowPath, GRANARY_SYS_PORT_TRY_SEND) != nullptr,
        "F8 IpcSlowPath: a message that nobody waits for is queued");
  const Port second = port.duplicate().value();
  static_cast<void>(second.close());
  const auto handled = read_own();
  const TraceRecord* const granted = find(handled, TraceEvent::CapabilityGrant, port.value());
  check(granted != nullptr && granted->data[1] == second.value(), "N12 a capability is derived");
  check(find(handled, TraceEvent::CapabilityClose, second.value()) != nullptr, "N12 and closed");
  static_cast<void>(port.send_with({}, port, GRANARY_RIGHT_PORT_SEND));
  static_cast<void>(read_everything());
  const Result<Request> brought = port.try_receive();
  const std::uint64_t handle = brought.ok() ? brought->capability().handle : 0;
  const auto received = read_own();
  const TraceRecord* const arrived = find(received, TraceEvent::CapabilityGrant, 0);
  check(arrived != nullptr && arrived->data[1] == handle && handle != 0, "N12 what a message brings is recorded");
}

void check_reading() {
  static_cast<void>(read_everything());
  for (int i = 0; i < 10; ++i) static_cast<void>(trace.read());
  static_cast<void>(trace.stats());
  bool observed = false;
  for (const TraceRecord& record : read_own()) {
    observed = observed || (is(record, TraceEvent::SyscallEntry) && record.data[0] >= GRANARY_SYS_TRACE_CONTROL &&
                            record.data[0] <= GRANARY_SYS_TRACE_STATS);
  }
  check(!observed, "N12 the reader's own reads are not recorded, so reading comes to an end");
  constexpr std::uint64_t kMarks = 3000;
  const TraceStatistics before = trace.stats(own_core).value();
  for (std::uint64_t i = 0; i < kMarks; ++i) mark(i);
  const TraceStatistics after = trace.stats(own_core).value();
  check(after.recorded - before.recorded >= 2 * kMarks, "N12 3000 calls are 6000 events at least");
  check(after.overwritten > before.overwritten, "N12 more than the ring holds: the oldest are overwritten and counted");
  check_equal(after.unread, abi::kTraceCapacity, "N12 what is left is what the ring holds");
  std::uint64_t next = 0, found = 0;
  bool ascends = true;
  std::uint64_t read = 0;
  read = trace.read_all(own_core, [&](const TraceRecord& record) {
    if (record.silo != self || !is(record, TraceEvent::SyscallEntry) || record.data[0] != GRANARY_SYS_NULL_CALL) return;
    if (found != 0) ascends = ascends && record.data[1] >= next;
    next = record.data[1] + 1;
    ++found;
  });
  check(ascends && found > 1000 && next == kMarks, "N12 the newest are there, the oldest first, each once");
  const TraceStatistics end = trace.stats(own_core).value();
  check(end.on && end.recorded >= after.recorded, "N12 while tracing went on");
  check_equal(end.unread + read + end.overwritten - after.overwritten,
              abi::kTraceCapacity + end.recorded - after.recorded,
              "N12 every record was read, overwritten, or is unread");
}

void check_a_fault() {
  static_cast<void>(read_everything());
  static_cast<void>(handles::die.try_send({}));
  sleep_for(20ms);
  const auto everything = read_everything();
  const TraceRecord* const fault = find(everything, TraceEvent::PageFault, 0x7'0000'0000);
  check(fault != nullptr && fault->silo == self + 1, "N12 PageFault, with the address, of another silo");
  const TraceRecord* const stop =
      find(everything, TraceEvent::SiloStop, static_cast<std::uint64_t>(abi::SiloState::Faulted));
  check(stop != nullptr && stop->data[1] == static_cast<std::uint64_t>(abi::FaultKind::Translation),
        "N12 and that it stopped the silo");
}

void check_off() {
  mark(777);
  check_ok(trace.turn_off(), "N12 tracing is turned off");
  const TraceStatistics before = trace.stats(own_core).value();
  for (int i = 0; i < 10; ++i) mark(778);
  const TraceStatistics after = trace.stats(own_core).value();
  check(!after.on && after.recorded == before.recorded, "N12 nothing is recorded any more");
  const auto records = read_own();
  check(find(records, TraceEvent::SyscallEntry, GRANARY_SYS_NULL_CALL) != nullptr,
        "N12 what was recorded stays readable");
}

}  // namespace

int main() {
  self = static_cast<std::uint16_t>(argument());
  port = Port::create().value();
  check(!trace.stats()->on && trace.stats()->recorded == 0, "N12 tracing is off at the beginning");
  check_error(trace.read(), kWouldBlock, "N12 and there is nothing to read");
  granary_trace_read_result pair;
  check_status(granary_trace_control(trace.value(), 2), GRANARY_EINVAL, "N12 it is on or off, nothing else");
  check_status(granary_trace_read(trace.value(), 8, &pair), GRANARY_EINVAL,
               "N12 a core that runs no silos has no trace");
  const Trace only_reading = trace.duplicate(GRANARY_RIGHT_TRACE_READ).value();
  check_error(only_reading.turn_on(), kNotPermitted, "N12 who may read may not turn it on");
  find_own_core();
  check_ok(trace.turn_on(), "N12 tracing is turned on");
  check_ok(trace.turn_on(), "N12 twice is once");
  check_calls();
  check_switches();
  check_messages();
  check_reading();
  check_a_fault();
  check_off();
  return finish();
}
