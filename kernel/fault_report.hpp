// SPDX-License-Identifier: Apache-2.0
//
// The words about a fault: who, what, where in the silo's own map, and at which instruction. Changes nothing.
#pragma once

#include "kernel/base/address.hpp"
#include "kernel/port/fault.hpp"
#include "kernel/report_line.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

/// Three lines on the console at most; the rest follows in steps (explanation.hpp).
void report_fault(const Silo& silo, const Thread& thread, const port::FaultReport& report);

struct GivenDevice;

/// Where an address lies in a silo's map.
struct Place {
  enum class Kind : std::uint8_t {
    InRegion,     ///< `distance` bytes behind its start
    InGuardPage,  ///< in the unmapped page right below a stack; `distance` bytes below it
    InPageZero,
    BelowRegion,    ///< the nearest region begins `distance` bytes further up
    BehindRegion,   ///< the nearest region ends `distance` bytes further down
    InMapping,      ///< of a shared region, `distance` bytes behind its start
    BehindMapping,  ///< in the guard page behind it, `distance` bytes behind its end
    InDevice,       ///< of a device, `distance` bytes behind the start of its pages
    InWindow,       ///< where shared regions are mapped, but none is
    Nowhere,        ///< the silo has no regions
  };
  Kind kind;
  const Region* region;  ///< null in page 0, Nowhere and where shared regions are
  std::uint64_t distance;
  const Mapping* mapping = nullptr;
  const GivenDevice* device = nullptr;
};
Place place_of(const Silo& silo, base::SiloAddress address);

/// The words for it.
void add_place(ReportLine& line, const Silo& silo, base::SiloAddress address);

/// The thread whose stack a region is, null if it is none.
const Thread* thread_of_stack(const Silo& silo, const Region& region);

}  // namespace kernel
