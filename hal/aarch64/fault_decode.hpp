// SPDX-License-Identifier: Apache-2.0
//
// Syndromes in words: ESR_EL2 and FAR_EL2 become a port::FaultReport, and a report becomes a phrase. Pure functions
// without registers or state; they run on the host in tests. Nothing is decided here.
#pragma once

#include <cstdint>

#include "hal/regs/esr_el2.hpp"
#include "kernel/base/format.hpp"
#include "kernel/port/fault.hpp"

namespace hal {

/// Every ESR_EL2 value gives a report; the text is static and never null. `address` is FAR_EL2, `program_counter`
/// ELR_EL2.
port::FaultReport decode_fault(regs::EsrEl2 syndrome, std::uint64_t address, std::uint64_t program_counter);

/// What a trapped MSR, MRS or SYS (EC 0x18) named, by name for the ones that programs try. Never null.
const char* trapped_register_name(regs::EsrEl2 syndrome);

/// "read of 8 bytes into x3 at 0x1000: translation fault, level 3"; "undefined instruction". One phrase, no line end.
template <typename Sink>
void describe_fault(Sink& sink, const port::FaultReport& report) {
  switch (report.access) {
    case port::FaultAccess::None: break;
    case port::FaultAccess::Execute: base::format(sink, "execution"); break;
    case port::FaultAccess::Read: base::format(sink, "read"); break;
    case port::FaultAccess::Write: base::format(sink, "write"); break;
  }
  if (report.size != 0) {
    base::format(sink, report.size == 1 ? " of {} byte" : " of {} bytes", static_cast<unsigned>(report.size));
    const bool is_write = report.access == port::FaultAccess::Write;
    if (report.transfer_register == 31) {
      base::format(sink, is_write ? " from xzr" : " into xzr");
    } else {
      base::format(sink, is_write ? " from x{}" : " into x{}", static_cast<unsigned>(report.transfer_register));
    }
  }
  if (report.address_valid) base::format(sink, " at {}", base::Hex{report.address});
  if (report.access != port::FaultAccess::None) base::format(sink, ": ");
  base::format(sink, "{}", report.syndrome_text);
}

}  // namespace hal
