// SPDX-License-Identifier: Apache-2.0
//
// See last_events.hpp.
#include "kernel/last_events.hpp"

#include "kernel/port/clock.hpp"
#include "kernel/report_line.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

using abi::TraceEvent;

struct EventWords {
  std::string_view what, first, second;  ///< what its data are; empty: nothing
};

EventWords words_of(TraceEvent event) {
  switch (event) {
    case TraceEvent::SyscallEntry: return {"system call", "number", "handle"};
    case TraceEvent::SyscallExit: return {"system call over", "number", "status"};
    case TraceEvent::SchedSwitchOut: return {"leaves the core", "state", "blocked on"};
    case TraceEvent::SchedSwitchIn: return {"gets the core", "priority", "its own"};
    case TraceEvent::IpcFastSend: return {"sends, and it is taken at once", "by thread", "handle"};
    case TraceEvent::IpcFastReceive: return {"receives", "badge", "handle"};
    case TraceEvent::FrameAlloc: return {"frames taken", "at", "pages"};
    case TraceEvent::FrameFree: return {"frames given back", "at", "pages"};
    case TraceEvent::PageFault: return {"fault", "address", "pc"};
    case TraceEvent::IpcSlowPath: return {"message is queued, or waits", "number", "handle"};
    case TraceEvent::Interrupt: return {"interrupt", "number", "kind"};
    case TraceEvent::TimerExpiry: return {"a deadline has passed", "of thread", ""};
    case TraceEvent::Wake: return {"wakes", "thread", "status"};
    case TraceEvent::Block: return {"waits", "blocked on", "number"};
    case TraceEvent::SiloStop: return {"the silo stops", "state", "why"};
    case TraceEvent::CapabilityGrant: return {"capability is made", "out of", "handle"};
    case TraceEvent::CapabilityRevoke: return {"capability is revoked", "handle", ""};
    case TraceEvent::CapabilityClose: return {"capability is closed", "handle", ""};
    case TraceEvent::RegionMap: return {"region is mapped", "at", "bytes"};
    case TraceEvent::RegionUnmap: return {"region is unmapped", "at", "bytes"};
    case TraceEvent::Idle: return {"the core sleeps", "", ""};
    case TraceEvent::TraceOn: return {"tracing begins", "", ""};
  }
  return {"event", "", ""};
}

std::string_view thread_name(const Silo& silo, std::uint32_t index) {
  return index < silo.threads().size() ? silo.threads()[index]->name() : std::string_view("?");
}

}  // namespace

void LastEvents::begin(std::uint32_t core, base::SiloId silo) {
  *this = {};
  is_traced_ = trace_is_on();
  if (!is_traced_) return;
  core_ = core;
  silo_ = silo.value();
  next_ = trace_statistics(core).recorded;
  end_ = next_ > kRecordsSearched ? next_ - kRecordsSearched : 0;
}

bool LastEvents::find_more() {
  for (unsigned looked = 0; looked < kRecordsInAStep; ++looked) {
    if (next_ == end_ || count_ == kEventsMaximum) return false;
    const abi::TraceRecord* const record = trace_record(core_, --next_);
    if (record == nullptr) return false;  // overwritten
    if (record->silo != silo_) continue;
    if (count_ == 0) newest_ = record->time;
    position_[count_++] = next_;
  }
  return true;
}

bool LastEvents::say_noted(const Silo& silo) {
  if (said_ == silo.noted.count()) return false;
  const NotedEvent& event = silo.noted.at(said_++);
  const std::uint64_t ended = silo.life.ended.value();
  const std::uint64_t ticks = ended > event.time ? ended - event.time : 0;
  ReportLine line(silo.name.view());
  line.add("{} us before: ", ticks * 1'000'000 / port::clock_frequency());
  switch (event.kind) {
    case NotedEvent::Kind::Begins: line.write("it began"); break;
    case NotedEvent::Kind::Refused:
      line.add("thread {}: call {} is refused, error {}", thread_name(silo, event.thread), event.number, event.error);
      if (takes_handle(event.number)) line.add(", handle {}", base::Hex{event.handle});
      break;
  }
  return true;
}

bool LastEvents::say_next(const Silo& silo) {
  if (!is_traced_) return say_noted(silo);
  if (count_ == 0) return false;
  const abi::TraceRecord* const record = trace_record(core_, position_[--count_]);
  if (record == nullptr) return true;
  const EventWords words = words_of(static_cast<TraceEvent>(record->event));
  const std::uint64_t microseconds = (newest_ - record->time) * 1'000'000 / port::clock_frequency();
  ReportLine line(silo.name.view());
  line.add("{} us before: thread {}: {}", microseconds, thread_name(silo, record->thread), words.what);
  if (!words.first.empty()) line.add(", {} {}", words.first, base::Hex{record->data[0]});
  if (!words.second.empty()) line.add(", {} {}", words.second, base::Hex{record->data[1]});
  return true;
}

}  // namespace kernel
