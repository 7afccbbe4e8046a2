// SPDX-License-Identifier: Apache-2.0
//
// A silo's fault: it stops the silo, is recorded in it, and is reported on the console. Nobody else is touched but by
// what the silo owed them.
#pragma once

#include "ipc/abi/abi.hpp"
#include "kernel/core.hpp"
#include "kernel/port/fault.hpp"

namespace kernel {

/// What SILO_STATUS calls it.
abi::FaultKind fault_kind(port::FaultCause cause);

/// The running thread has faulted: its silo is stopped.
Decision stop_by_fault(Thread& thread, const port::FaultReport& report);

/// Why a silo has stopped, in the words of the interface; all 0 while it has not.
struct SiloEnd {
  std::uint64_t why = 0;      ///< exit status, abi::FaultKind, or the silo that stopped it
  std::uint64_t address = 0;  ///< of a fault that has one
  std::uint64_t program_counter = 0;
};
SiloEnd end_of(const Silo& silo);

}  // namespace kernel
