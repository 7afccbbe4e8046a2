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

}  // namespace kernel
