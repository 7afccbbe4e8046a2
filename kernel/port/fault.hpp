// SPDX-License-Identifier: Apache-2.0
//
// FaultReport: a silo's fault, decoded by the hardware side into words that need no manual. Nothing is decided here.
#pragma once

#include <cstdint>

namespace port {

enum class FaultCause : std::uint8_t {
  Translation,
  Permission,
  AddressSize,
  Alignment,
  UndefinedInstruction,
  TrappedRegister,
  Breakpoint,
  FloatingPoint,
  ExternalAbort,
  Other,
  BudgetOverrun,  ///< the kernel's own, no exception: a budget is used up
  Watchdog        ///< the same: no thread of the silo has waited, nor the silo kicked, within its watchdog's time
};
enum class FaultAccess : std::uint8_t { None, Read, Write, Execute };

struct FaultReport {
  FaultCause cause;
  FaultAccess access;
  bool address_valid;              ///< FAR_EL2 is meaningful for this cause
  std::uint8_t size;               ///< bytes of the access if the syndrome tells, else 0
  std::uint8_t transfer_register;  ///< Xt of the access, valid if size is not 0
  std::uint64_t address;           ///< faulting silo address
  std::uint64_t program_counter;
  std::uint64_t syndrome;     ///< ESR_EL2 as read, for the curious
  const char* syndrome_text;  ///< static text: the exception class and status code in words
};

}  // namespace port
