// SPDX-License-Identifier: Apache-2.0
//
// Shared regions: what lies between the registers and region_objects.hpp. A call that the kernel works on in steps
// blocks its thread without a deadline: the work is bounded by the size of the region.
#include "kernel/blocking_call.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

/// What X3 of REGION_MAP asks for.
base::Result<port::Access> access_of(std::uint64_t word) {
  if (word == static_cast<std::uint64_t>(abi::RegionAccess::Read)) return port::Access::Read;
  if (word == static_cast<std::uint64_t>(abi::RegionAccess::ReadWrite)) return port::Access::ReadWrite;
  return base::Error::EINVAL;
}

base::Result<Decision> conclude_work(const Call& call, ipc::Outcome outcome, ipc::WakeList& wakes) {
  if (outcome == ipc::Outcome::Blocked) call.core().note_work(call.thread.effective_priority());
  const Wait wait{base::Ticks::forever(), ipc::Blocking::MayBlock};
  return conclude(call, outcome, BlockedOn::Kernel, wait, wakes);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::REGION_CREATE>(const Call& call) {
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      create_region(call.held, call.thread, call.silo(), call.arguments().region_pages(), wakes);
  return conclude_work(call, outcome, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::REGION_MAP>(const Call& call) {
  const port::Access access = TRY(access_of(call.arguments().region_access()));
  ipc::WakeList wakes;
  const ipc::Outcome outcome = map_region(call.held, call.thread, call.silo(), *call.capability, access, wakes);
  if (trace_is_on() && outcome == ipc::Outcome::Completed) trace_mapping(call.thread);
  return conclude_work(call, outcome, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::REGION_UNMAP>(const Call& call) {
  if (trace_is_on()) trace(abi::TraceEvent::RegionUnmap, &call.thread, call.arguments().region_address().value());
  ipc::WakeList wakes;
  const ipc::Outcome outcome =
      unmap_region(call.held, call.thread, call.silo(), *call.capability, call.arguments().region_address(), wakes);
  return conclude_work(call, outcome, wakes);
}

template <>
base::Result<Decision> handle<abi::SystemCall::REGION_PHYSICAL>(const Call& call) {
  const RegionObject& region = region_of(*call.capability);
  const std::uint64_t page = call.arguments().region_page();
  if (page >= region.pages()) return base::Error::EINVAL;
  // A region is one run of frames as long as it lives.
  const base::PhysicalAddress start = region.frames.start + page * base::kPageSize;
  call.results().succeed(start.value(), region.pages() - page);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::REGION_INFO>(const Call& call) {
  const RegionObject& region = region_of(*call.capability);
  const PageRuns& window = call.silo().shared.window;
  std::uint64_t own = 0;
  for (PageRun* run = window.first(); run != nullptr; run = window.next(*run)) {
    own += &Mapping::of(*run).region == &region ? 1u : 0u;
  }
  call.results().succeed(region.frames.size.bytes(), region.mappings, own);
  return Decision::stay();
}

}  // namespace kernel
