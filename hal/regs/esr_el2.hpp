// SPDX-License-Identifier: Apache-2.0
//
// ESR_EL2, Exception Syndrome Register. Arm ARM D19.2.37: exception classes, and the syndromes of data and instruction
// aborts, of trapped WF* instructions and of trapped system registers.
#pragma once

#include "hal/regs/field.hpp"

namespace hal::regs {

enum class ExceptionClass : std::uint8_t {
  Unknown = 0x00,
  WaitInstruction = 0x01,  ///< WFI, WFE, WFIT, WFET
  FloatingPoint = 0x07,    ///< trapped by CPTR_EL2.TFP
  PointerAuthentication = 0x09,
  LoadStore64 = 0x0a,
  BranchTarget = 0x0d,
  IllegalExecutionState = 0x0e,
  SupervisorCall32 = 0x11,
  SupervisorCall64 = 0x15,
  HypervisorCall64 = 0x16,
  SecureMonitorCall64 = 0x17,
  SystemRegister = 0x18,  ///< MSR, MRS, SYS
  ScalableVector = 0x19,
  EretTrapped = 0x1a,
  PointerAuthenticationFailure = 0x1c,
  ScalableMatrix = 0x1d,
  ImplementationDefined = 0x1f,
  InstructionAbortLower = 0x20,
  InstructionAbortSame = 0x21,
  ProgramCounterAlignment = 0x22,
  DataAbortLower = 0x24,
  DataAbortSame = 0x25,
  StackPointerAlignment = 0x26,
  MemoryOperation = 0x27,
  FloatingPointException = 0x2c,
  GuardedControlStack = 0x2d,
  SystemError = 0x2f,
  BreakpointLower = 0x30,
  BreakpointSame = 0x31,
  SoftwareStepLower = 0x32,
  SoftwareStepSame = 0x33,
  WatchpointLower = 0x34,
  WatchpointSame = 0x35,
  Breakpoint = 0x3c,  ///< BRK
};

/// DFSC and IFSC, without the level that the lowest two bits of some of them carry.
enum class FaultStatus : std::uint8_t {
  AddressSizeLevel0 = 0x00,  ///< .. 0x03
  TranslationLevel0 = 0x04,  ///< .. 0x07
  AccessFlagLevel0 = 0x08,   ///< .. 0x0b
  PermissionLevel0 = 0x0c,   ///< .. 0x0f
  ExternalAbort = 0x10,
  TagCheck = 0x11,
  ExternalAbortOnWalkLevel0 = 0x14,  ///< .. 0x17
  ParityError = 0x18,
  ParityErrorOnWalkLevel0 = 0x1c,  ///< .. 0x1f
  Alignment = 0x21,
  TlbConflict = 0x30,
  UnsupportedAtomicUpdate = 0x31,
  ImplementationDefinedLockdown = 0x34,
  UnsupportedExclusive = 0x35,
};

/// SAS: log2 of the bytes of an access.
struct AccessSize {
  std::uint64_t log2;
  constexpr explicit AccessSize(std::uint64_t bits) : log2(bits) {}
  constexpr explicit operator std::uint64_t() const { return log2; }
  constexpr std::uint8_t byte_count() const { return static_cast<std::uint8_t>(1u << log2); }
};

enum class WaitKind : std::uint8_t { Wfi = 0, Wfe = 1, Wfit = 2, Wfet = 3 };

// clang-format off
struct EsrEl2 : Register<EsrEl2> {
  static constexpr Field<EsrEl2, 31, 26, ExceptionClass> ec{};
  static constexpr Bit<EsrEl2, 25> il{};                       ///< the instruction was 32 bits long
  static constexpr Field<EsrEl2, 24,  0> iss{};
  // Data and instruction aborts.
  static constexpr Bit<EsrEl2, 24> isv{};                      ///< bits 23:14 are valid
  static constexpr Field<EsrEl2, 23, 22, AccessSize> sas{};
  static constexpr Field<EsrEl2, 20, 16> srt{};                ///< Xt
  static constexpr Bit<EsrEl2, 10> fnv{};                      ///< FAR is not valid
  static constexpr Bit<EsrEl2,  9> ea{};
  static constexpr Bit<EsrEl2,  8> cm{};                       ///< cache maintenance
  static constexpr Bit<EsrEl2,  7> s1ptw{};
  static constexpr Bit<EsrEl2,  6> wnr{};                      ///< write, not read
  static constexpr Field<EsrEl2, 5, 0> fsc{};
  // Fault status codes that name a level.
  static constexpr Field<EsrEl2, 5, 2> fsc_kind{};
  static constexpr Field<EsrEl2, 1, 0> fsc_level{};
  // Trapped WFI and its kin.
  static constexpr Field<EsrEl2, 1, 0, WaitKind> ti{};
  // Trapped MSR and MRS.
  static constexpr Bit<EsrEl2, 0> is_read{};
  // SVC, HVC, BRK.
  static constexpr Field<EsrEl2, 15, 0> imm16{};

  constexpr ExceptionClass exception_class() const { return get(ec); }
};

/// The syndrome of a trapped MSR, MRS or SYS (EC 0x18): which register or operation.
struct TrappedRegister : Register<TrappedRegister> {
  static constexpr Field<TrappedRegister, 21, 20> op0{};
  static constexpr Field<TrappedRegister, 19, 17> op2{};
  static constexpr Field<TrappedRegister, 16, 14> op1{};
  static constexpr Field<TrappedRegister, 13, 10> crn{};
  static constexpr Field<TrappedRegister,  9,  5> rt{};
  static constexpr Field<TrappedRegister,  4,  1> crm{};
};
// clang-format on

static_assert(EsrEl2::from(0x5600'0077).exception_class() == ExceptionClass::SupervisorCall64);
static_assert(EsrEl2::from(0x5600'0077).get(EsrEl2::imm16) == 0x77);
static_assert(EsrEl2::from(0x93c0'8005).get(EsrEl2::isv) &&
                  EsrEl2::from(0x93c0'8005).get(EsrEl2::sas).byte_count() == 8,
              "8 bytes into x0, as the lab saw it");
static_assert(TrappedRegister::from(0x6232'f801).get(TrappedRegister::crn) == 14 &&
                  TrappedRegister::from(0x6232'f801).get(TrappedRegister::op2) == 1,
              "CNTPCT_EL0, as the lab saw it");
static_assert(EsrEl2::from(0x93c0'8005).get(EsrEl2::fsc) == 5, "translation fault, level 1");

}  // namespace hal::regs
