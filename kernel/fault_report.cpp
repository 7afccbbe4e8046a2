// SPDX-License-Identifier: Apache-2.0
//
// Fault reports. A silo has at most kRegionsPerSilo regions and kThreadsPerSilo threads, so every search here is short.
// The instruction is read out of the silo's own regions only (silo_reader.hpp).
#include "kernel/fault_report.hpp"

#include <optional>

#include "kernel/devices.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo_reader.hpp"

namespace kernel {

namespace {

std::string_view cause_in_words(const port::FaultReport& report) {
  switch (report.cause) {
    case port::FaultCause::Translation: return "nothing is mapped there";
    case port::FaultCause::Permission:
      switch (report.access) {
        case port::FaultAccess::Read: return "the memory there may not be read";
        case port::FaultAccess::Write: return "the memory there is read-only";
        case port::FaultAccess::Execute: return "the memory there may not be executed";
        case port::FaultAccess::None: break;
      }
      return "the memory there does not permit it";
    case port::FaultCause::AddressSize: return "the address is beyond what a silo can have, or carries a tag";
    case port::FaultCause::Alignment: return "the address is misaligned";
    case port::FaultCause::UndefinedInstruction:
      return "an instruction that is undefined, or that only the kernel may use";
    case port::FaultCause::TrappedRegister: return "a system register or instruction that silos may not use";
    case port::FaultCause::Breakpoint: return "a breakpoint or debug exception";
    case port::FaultCause::FloatingPoint: return "a floating-point exception";
    case port::FaultCause::ExternalAbort: return "the memory system refused the access";
    case port::FaultCause::Other: return "an exception without a more exact name";
    case port::FaultCause::BudgetOverrun: return "its budget is used up, and it would have run on";
    case port::FaultCause::Watchdog: return "its watchdog: it has neither waited nor kicked in time";
  }
  return "an unknown cause";
}

void add_access(ReportLine& line, const port::FaultReport& report) {
  if (report.access == port::FaultAccess::None) return;
  const bool is_write = report.access == port::FaultAccess::Write;
  const std::string_view verb = is_write ? "write" : report.access == port::FaultAccess::Execute ? "execution" : "read";
  if (report.size != 0) {
    line.add("{}-byte {} {} ", report.size, verb, is_write ? "from" : "into");
    if (report.transfer_register >= 31) {
      line.write("xzr");
    } else {
      line.add("x{}", report.transfer_register);
    }
  } else {
    line.write(verb);
  }
  if (report.address_valid) line.add(" at {}", base::Hex{report.address});
  line.write(": ");
}

std::string_view access_in_words(port::Access access) {
  switch (access) {
    case port::Access::Read: return "read-only";
    case port::Access::ReadWrite: return "read-write";
    case port::Access::ReadExecute: return "read-execute";
  }
  return "";
}

void add_region(ReportLine& line, const Silo& silo, const Region& region) {
  const Thread* const thread = thread_of_stack(silo, region);
  if (thread != nullptr) {
    line.add("the stack of thread {}", thread->name());
  } else if (region.name.view().empty()) {
    line.add("the region at {}", region.range.start());
  } else {
    line.add("region {}", region.name.view());
  }
}

void add_mapping(ReportLine& line, const Mapping& mapping) {
  const RegionObject& region = mapping.region;
  if (region.name.view().empty()) {
    line.write("a shared region");
  } else {
    line.add("shared region {}", region.name.view());
  }
  if (region.charged_to != nullptr) line.add(" of silo {}", region.charged_to->name.view());
}

std::optional<std::uint32_t> read_instruction(const Silo& silo, base::SiloAddress at) {
  if (at.value() % sizeof(std::uint32_t) != 0) return {};
  std::byte bytes[sizeof(std::uint32_t)];
  if (!read_own_memory(silo, at, bytes)) return {};
  std::uint32_t word = 0;
  for (unsigned i = sizeof bytes; i > 0; --i) word = (word << 8) | static_cast<std::uint32_t>(bytes[i - 1]);
  return word;
}

}  // namespace

void add_place(ReportLine& line, const Silo& silo, base::SiloAddress address) {
  const Place place = place_of(silo, address);
  switch (place.kind) {
    case Place::Kind::InRegion:
      line.add("{} bytes into ", base::Hex{place.distance});
      add_region(line, silo, *place.region);
      line.add(" ({})", access_in_words(place.region->access));
      return;
    case Place::Kind::InGuardPage:
      line.write("the guard page below ");
      add_region(line, silo, *place.region);
      line.write(": stack overflow");
      return;
    case Place::Kind::InPageZero: line.write("page 0, which is never mapped: a null pointer"); return;
    case Place::Kind::BelowRegion:
      line.add("outside of every region, {} bytes below ", base::Hex{place.distance});
      add_region(line, silo, *place.region);
      return;
    case Place::Kind::BehindRegion:
      line.add("outside of every region, {} bytes behind the end of ", base::Hex{place.distance});
      add_region(line, silo, *place.region);
      return;
    case Place::Kind::InMapping:
      line.add("{} bytes into ", base::Hex{place.distance});
      add_mapping(line, *place.mapping);
      line.add(" (mapped {}{})", access_in_words(place.mapping->access),
               place.mapping->state == Mapping::State::Dying ? ", and just being unmapped" : "");
      return;
    case Place::Kind::BehindMapping:
      line.add("{} bytes behind the end of ", base::Hex{place.distance});
      add_mapping(line, *place.mapping);
      return;
    case Place::Kind::InDevice:
      line.add("{} bytes into the pages of device {}", base::Hex{place.distance}, place.device->name.view());
      return;
    case Place::Kind::InWindow: line.write("where shared regions are mapped, but none is there (any more)"); return;
    case Place::Kind::Nowhere: line.write("nowhere: the silo has no memory"); return;
  }
}

const Thread* thread_of_stack(const Silo& silo, const Region& region) {
  if (region.access != port::Access::ReadWrite) return nullptr;
  for (const Thread* const thread : silo.threads()) {
    const base::SiloAddress top = thread->initial_stack_pointer();
    if (top > region.range.start() && top <= region.range.end()) return thread;
  }
  return nullptr;
}

Place place_of(const Silo& silo, base::SiloAddress address) {
  if (const Region* const region = silo.region_at(address)) {
    return {Place::Kind::InRegion, region, address - region->range.start()};
  }
  if (window_of(silo).contains(address)) {
    PageRun* const run = silo.shared.window.find((address - kSharedWindow) / base::kPageSize);
    if (run == nullptr) return {Place::Kind::InWindow, nullptr, 0};
    const Mapping& mapping = Mapping::of(*run);
    const bool is_inside = mapping.range.contains(address);
    return {is_inside ? Place::Kind::InMapping : Place::Kind::BehindMapping, nullptr,
            address - (is_inside ? mapping.range.start() : mapping.range.end()), &mapping};
  }
  if (const GivenDevice* const device = device_at(silo.id, address))
    return {Place::Kind::InDevice, nullptr, address - device->range.start(), nullptr, device};
  if (address.value() < base::kPageSize) return {Place::Kind::InPageZero, nullptr, 0};
  Place nearest = {Place::Kind::Nowhere, nullptr, ~std::uint64_t{0}};
  for (const Region& region : silo.regions()) {
    const bool is_below = address < region.range.start();
    const std::uint64_t distance = is_below ? region.range.start() - address : address - region.range.end();
    const bool is_guard = is_below && distance <= base::kPageSize && thread_of_stack(silo, region) != nullptr;
    if (is_guard) return {Place::Kind::InGuardPage, &region, distance};
    if (distance < nearest.distance) {
      nearest = {is_below ? Place::Kind::BelowRegion : Place::Kind::BehindRegion, &region, distance};
    }
  }
  return nearest;
}

void report_fault(const Silo& silo, const Thread& thread, const port::FaultReport& report) {
  {
    ReportLine line;
    line.add("silo {} stopped: thread {}: ", silo.name.view(), thread.name());
    add_access(line, report);
    line.write(cause_in_words(report));
    if (report.syndrome_text != nullptr) line.add(" ({})", report.syndrome_text);
  }
  if (report.address_valid) {
    ReportLine line;
    line.add("  {} is ", base::Hex{report.address});
    add_place(line, silo, base::SiloAddress(report.address));
  }
  ReportLine line;
  line.add("  at pc {}, ", base::Hex{report.program_counter});
  add_place(line, silo, base::SiloAddress(report.program_counter));
  const auto instruction = read_instruction(silo, base::SiloAddress(report.program_counter));
  if (instruction.has_value()) line.add(", instruction {}", base::Hex{*instruction, 8});
}

}  // namespace kernel
