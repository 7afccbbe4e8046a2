// SPDX-License-Identifier: Apache-2.0
//
// The tables behind fault_decode.hpp: exception classes, fault status codes (Arm ARM D19.2.37, ISS encodings) and the
// system registers that programs commonly try.
#include "hal/aarch64/fault_decode.hpp"

namespace hal {

using port::FaultAccess;
using port::FaultCause;
using regs::EsrEl2;
using regs::ExceptionClass;

namespace {

struct Status {
  FaultCause cause;
  const char* text;
};

/// DFSC or IFSC in words; a code that the manual reserves is "unknown status code".
Status status_of(std::uint64_t code) {
  static constexpr const char* kTranslation[] = {"translation fault, level 0", "translation fault, level 1",
                                                 "translation fault, level 2", "translation fault, level 3"};
  static constexpr const char* kPermission[] = {"permission fault, level 0", "permission fault, level 1",
                                                "permission fault, level 2", "permission fault, level 3"};
  static constexpr const char* kAccessFlag[] = {"access flag fault, level 0", "access flag fault, level 1",
                                                "access flag fault, level 2", "access flag fault, level 3"};
  static constexpr const char* kAddressSize[] = {"address size fault, level 0", "address size fault, level 1",
                                                 "address size fault, level 2", "address size fault, level 3"};
  static constexpr const char* kWalk[] = {
      "external abort on a table walk, level 0", "external abort on a table walk, level 1",
      "external abort on a table walk, level 2", "external abort on a table walk, level 3"};
  const EsrEl2 syndrome = EsrEl2::make().with(EsrEl2::fsc, code);
  const std::uint64_t level = syndrome.get(EsrEl2::fsc_level);
  const auto group = static_cast<regs::FaultStatus>(syndrome.with(EsrEl2::fsc_level, 0).get(EsrEl2::fsc));
  if (group == regs::FaultStatus::AddressSizeLevel0) return {FaultCause::AddressSize, kAddressSize[level]};
  if (group == regs::FaultStatus::TranslationLevel0) return {FaultCause::Translation, kTranslation[level]};
  if (group == regs::FaultStatus::AccessFlagLevel0) return {FaultCause::Permission, kAccessFlag[level]};
  if (group == regs::FaultStatus::PermissionLevel0) return {FaultCause::Permission, kPermission[level]};
  if (group == regs::FaultStatus::ExternalAbortOnWalkLevel0) return {FaultCause::ExternalAbort, kWalk[level]};
  if (group == regs::FaultStatus::ParityErrorOnWalkLevel0) {
    return {FaultCause::ExternalAbort, "parity or ECC error on a table walk"};
  }
  const auto status = static_cast<regs::FaultStatus>(code);
  if (status == regs::FaultStatus::ExternalAbort) return {FaultCause::ExternalAbort, "external abort"};
  if (status == regs::FaultStatus::TagCheck) return {FaultCause::Other, "memory tag check failed"};
  if (status == regs::FaultStatus::ParityError) return {FaultCause::ExternalAbort, "parity or ECC error"};
  if (status == regs::FaultStatus::Alignment) return {FaultCause::Alignment, "alignment fault"};
  if (status == regs::FaultStatus::TlbConflict) return {FaultCause::Other, "TLB conflict"};
  if (status == regs::FaultStatus::UnsupportedAtomicUpdate) {
    return {FaultCause::Other, "unsupported atomic hardware update of a table entry"};
  }
  if (status == regs::FaultStatus::ImplementationDefinedLockdown) return {FaultCause::Other, "cache lockdown fault"};
  if (status == regs::FaultStatus::UnsupportedExclusive) {
    return {FaultCause::Other, "exclusive or atomic access to memory that does not support it"};
  }
  return {FaultCause::Other, "unknown status code"};
}

port::FaultReport report_of_abort(EsrEl2 syndrome, std::uint64_t address, FaultAccess access) {
  const Status status = status_of(syndrome.get(EsrEl2::fsc));
  port::FaultReport report{};
  report.cause = status.cause;
  report.syndrome_text = status.text;
  report.access = access;
  report.address_valid = !syndrome.get(EsrEl2::fnv);
  report.address = address;
  if (access != FaultAccess::Execute && syndrome.get(EsrEl2::isv)) {
    report.size = syndrome.get(EsrEl2::sas).byte_count();
    report.transfer_register = static_cast<std::uint8_t>(syndrome.get(EsrEl2::srt));
  }
  return report;
}

struct ClassWords {
  ExceptionClass exception_class;
  FaultCause cause;
  const char* text;
};

// Classes without an address or an access of their own.
constexpr ClassWords kClasses[] = {
    {ExceptionClass::Unknown, FaultCause::UndefinedInstruction, "undefined or privileged instruction"},
    {ExceptionClass::WaitInstruction, FaultCause::UndefinedInstruction, "wait instruction"},
    {ExceptionClass::FloatingPoint, FaultCause::FloatingPoint, "floating-point instruction"},
    {ExceptionClass::PointerAuthentication, FaultCause::UndefinedInstruction, "pointer authentication instruction"},
    {ExceptionClass::LoadStore64, FaultCause::UndefinedInstruction, "64-byte load or store"},
    {ExceptionClass::BranchTarget, FaultCause::UndefinedInstruction, "branch to a place that is no branch target"},
    {ExceptionClass::IllegalExecutionState, FaultCause::Other, "illegal execution state"},
    {ExceptionClass::SupervisorCall32, FaultCause::Other, "svc instruction of AArch32"},
    {ExceptionClass::SupervisorCall64, FaultCause::Other, "svc instruction"},
    {ExceptionClass::HypervisorCall64, FaultCause::UndefinedInstruction, "hvc instruction"},
    {ExceptionClass::SecureMonitorCall64, FaultCause::UndefinedInstruction, "smc instruction"},
    {ExceptionClass::ScalableVector, FaultCause::UndefinedInstruction, "SVE instruction"},
    {ExceptionClass::EretTrapped, FaultCause::UndefinedInstruction, "eret instruction"},
    {ExceptionClass::PointerAuthenticationFailure, FaultCause::Other, "pointer authentication failed"},
    {ExceptionClass::ScalableMatrix, FaultCause::UndefinedInstruction, "SME instruction"},
    {ExceptionClass::ImplementationDefined, FaultCause::Other, "implementation-defined exception"},
    {ExceptionClass::MemoryOperation, FaultCause::Other, "memory copy instruction in a wrong state"},
    {ExceptionClass::FloatingPointException, FaultCause::FloatingPoint, "floating-point exception"},
    {ExceptionClass::GuardedControlStack, FaultCause::Other, "guarded control stack check failed"},
    {ExceptionClass::SystemError, FaultCause::ExternalAbort, "system error (SError)"},
    {ExceptionClass::BreakpointLower, FaultCause::Breakpoint, "hardware breakpoint"},
    {ExceptionClass::BreakpointSame, FaultCause::Breakpoint, "hardware breakpoint"},
    {ExceptionClass::SoftwareStepLower, FaultCause::Breakpoint, "single step"},
    {ExceptionClass::SoftwareStepSame, FaultCause::Breakpoint, "single step"},
    {ExceptionClass::WatchpointLower, FaultCause::Breakpoint, "hardware watchpoint"},
    {ExceptionClass::WatchpointSame, FaultCause::Breakpoint, "hardware watchpoint"},
    {ExceptionClass::Breakpoint, FaultCause::Breakpoint, "brk instruction"},
};

struct NamedRegister {
  std::uint8_t op0, op1, crn, crm, op2;
  const char* text;
};

constexpr std::uint8_t kAny = 0xff;

// The first row that fits names the register. SYS instructions have op0 = 1.
constexpr NamedRegister kNamed[] = {
    {1, 3, 7, 5, 1, "trapped ic ivau"},
    {1, 3, 7, kAny, kAny, "trapped cache maintenance or prediction instruction"},
    {3, 3, 0, 0, 1, "trapped CTR_EL0"},
    {3, 3, 4, 2, 1, "trapped DAIF"},
    {0, kAny, 4, kAny, kAny, "trapped DAIFSet or DAIFClr"},  // QEMU 10 reports op1 and op2 of these exchanged
    {3, 3, 9, 12, 0, "trapped PMCR_EL0"},
    {3, 3, 9, 13, 0, "trapped PMCCNTR_EL0"},
    {3, 3, 9, kAny, kAny, "trapped performance-monitor register"},
    {3, 3, 14, kAny, kAny, "trapped counter or timer register"},
    {3, 3, 13, 0, 5, "trapped TPIDR2_EL0"},
    {3, 3, 13, 0, 7, "trapped SCXTNUM_EL0"},
    {3, 3, 13, 2, kAny, "trapped activity-monitor register"},
    {3, 3, 13, 4, kAny, "trapped activity-monitor register"},
    {2, kAny, kAny, kAny, kAny, "trapped debug or trace register"},
    {3, kAny, 11, kAny, kAny, "trapped implementation-defined register"},
    {3, kAny, 15, kAny, kAny, "trapped implementation-defined register"},
    {3, 0, 0, kAny, kAny, "trapped identification register"},
    {3, 1, 0, kAny, kAny, "trapped identification register"},
};

constexpr bool fits(std::uint8_t pattern, std::uint64_t value) { return pattern == kAny || pattern == value; }

port::FaultReport report_of_system_register(EsrEl2 syndrome) {
  port::FaultReport report{};
  report.cause = FaultCause::TrappedRegister;
  report.access = syndrome.get(EsrEl2::is_read) ? FaultAccess::Read : FaultAccess::Write;
  report.syndrome_text = trapped_register_name(syndrome);
  return report;
}

port::FaultReport report_of_other(ExceptionClass exception_class) {
  port::FaultReport report{};
  report.cause = FaultCause::Other;
  report.syndrome_text = "unknown exception class";
  for (const ClassWords& words : kClasses) {
    if (words.exception_class != exception_class) continue;
    report.cause = words.cause;
    report.syndrome_text = words.text;
  }
  return report;
}

port::FaultReport report_without_place(EsrEl2 syndrome, std::uint64_t address) {
  const ExceptionClass exception_class = syndrome.exception_class();
  if (exception_class == ExceptionClass::DataAbortLower || exception_class == ExceptionClass::DataAbortSame) {
    return report_of_abort(syndrome, address, syndrome.get(EsrEl2::wnr) ? FaultAccess::Write : FaultAccess::Read);
  }
  if (exception_class == ExceptionClass::InstructionAbortLower ||
      exception_class == ExceptionClass::InstructionAbortSame) {
    return report_of_abort(syndrome, address, FaultAccess::Execute);
  }
  if (exception_class == ExceptionClass::SystemRegister) return report_of_system_register(syndrome);
  port::FaultReport report = report_of_other(exception_class);
  if (exception_class == ExceptionClass::ProgramCounterAlignment) {
    report.cause = FaultCause::Alignment;
    report.access = FaultAccess::Execute;
    report.address_valid = true;
    report.address = address;
    report.syndrome_text = "misaligned program counter";
  }
  if (exception_class == ExceptionClass::StackPointerAlignment) {
    report.cause = FaultCause::Alignment;
    report.syndrome_text = "misaligned stack pointer";  // FAR_EL2 is UNKNOWN for it
  }
  return report;
}

}  // namespace

const char* trapped_register_name(EsrEl2 syndrome) {
  const regs::TrappedRegister which = regs::TrappedRegister::from(syndrome.bits);
  for (const NamedRegister& named : kNamed) {
    if (fits(named.op0, which.get(regs::TrappedRegister::op0)) &&
        fits(named.op1, which.get(regs::TrappedRegister::op1)) &&
        fits(named.crn, which.get(regs::TrappedRegister::crn)) &&
        fits(named.crm, which.get(regs::TrappedRegister::crm)) &&
        fits(named.op2, which.get(regs::TrappedRegister::op2))) {
      return named.text;
    }
  }
  return "trapped system register";
}

port::FaultReport decode_fault(EsrEl2 syndrome, std::uint64_t address, std::uint64_t program_counter) {
  port::FaultReport report = report_without_place(syndrome, address);
  report.program_counter = program_counter;
  report.syndrome = syndrome.bits;
  return report;
}

}  // namespace hal
