// SPDX-License-Identifier: Apache-2.0
//
// From a fault to a stopped silo.
#include "kernel/fault.hpp"

#include "kernel/audit.hpp"
#include "kernel/core.hpp"
#include "kernel/explanation.hpp"
#include "kernel/fault_report.hpp"
#include "kernel/silo.hpp"

namespace kernel {

abi::FaultKind fault_kind(port::FaultCause cause) {
  switch (cause) {
    case port::FaultCause::Translation: return abi::FaultKind::Translation;
    case port::FaultCause::Permission: return abi::FaultKind::Permission;
    case port::FaultCause::AddressSize: return abi::FaultKind::AddressSize;
    case port::FaultCause::Alignment: return abi::FaultKind::Alignment;
    case port::FaultCause::UndefinedInstruction: return abi::FaultKind::UndefinedInstruction;
    case port::FaultCause::TrappedRegister: return abi::FaultKind::TrappedRegister;
    case port::FaultCause::Breakpoint: return abi::FaultKind::Breakpoint;
    case port::FaultCause::FloatingPoint: return abi::FaultKind::FloatingPoint;
    case port::FaultCause::ExternalAbort: return abi::FaultKind::ExternalAbort;
    case port::FaultCause::Other: return abi::FaultKind::Other;
    case port::FaultCause::BudgetOverrun: return abi::FaultKind::BudgetOverrun;
    case port::FaultCause::Watchdog: return abi::FaultKind::Watchdog;
  }
  return abi::FaultKind::Other;
}

SiloEnd end_of(const Silo& silo) {
  switch (silo.state()) {
    case abi::SiloState::Ready:
    case abi::SiloState::Running: break;
    case abi::SiloState::Exited: return {.why = silo.exit_status()};
    case abi::SiloState::Killed: return {.why = silo.killed_by().value()};
    case abi::SiloState::Faulted: {
      const port::FaultReport& report = silo.fault_record().report;
      return {static_cast<std::uint64_t>(fault_kind(report.cause)), report.address_valid ? report.address : 0,
              report.program_counter};
    }
  }
  return {};
}

Decision stop_by_fault(Thread& thread, const port::FaultReport& report) {
  Silo& silo = thread.silo();
  if (silo.fault(report, thread.name())) {
    audit_life(thread.core(), silo, abi::AuditLife::Faulted, static_cast<std::uint64_t>(fault_kind(report.cause)),
               report.address_valid ? report.address : 0);
    // First the stop, which completes the silo's last line on the console, then the words about it.
    thread.core().begin_stop(silo, thread.effective_priority());
    if (silo.life.log.tells()) {
      report_fault(silo, thread, report);
      begin_explanation(thread.core(), silo);
    }
  }
  return Decision::leave();
}

}  // namespace kernel
