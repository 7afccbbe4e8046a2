// SPDX-License-Identifier: Apache-2.0
//
// Silos that end at random (agent.cpp), each for a cause that it notes first, and the supervisor that compares the
// notes with the audit.
#pragma once

#include <atomic>
#include <cstdint>

#include "granary/granary.hpp"

namespace chaos {

using namespace granary;

inline constexpr unsigned kAgents = 10;

enum class Cause : unsigned {
  NullPointer,
  StackOverflow,
  WriteText,
  ExecuteData,
  Undefined,
  Breakpoint,
  Exit,
  Abort,
  FailedResult,
  kCount
};
inline constexpr unsigned kCauses = static_cast<unsigned>(Cause::kCount);
/// What the audit says of it: a fault's kind, or an exit's status.
struct Expected {
  const char* name;
  abi::AuditLife what;
  std::uint64_t detail;
};
inline constexpr std::uint64_t kExitStatus = 7, kAbortStatus = 134;
constexpr std::uint64_t number_of(abi::FaultKind kind) { return static_cast<std::uint64_t>(kind); }
inline constexpr Expected kExpected[kCauses] = {
    {"null pointer", abi::AuditLife::Faulted, number_of(abi::FaultKind::Translation)},
    {"stack overflow", abi::AuditLife::Faulted, number_of(abi::FaultKind::Translation)},
    {"write to text", abi::AuditLife::Faulted, number_of(abi::FaultKind::Permission)},
    {"execution of data", abi::AuditLife::Faulted, number_of(abi::FaultKind::Permission)},
    {"undefined instruction", abi::AuditLife::Faulted, number_of(abi::FaultKind::UndefinedInstruction)},
    {"breakpoint", abi::AuditLife::Faulted, number_of(abi::FaultKind::Breakpoint)},
    {"exit", abi::AuditLife::Exited, kExitStatus},
    {"abort", abi::AuditLife::Exited, kAbortStatus},
    {"use of a failed result", abi::AuditLife::Exited, kAbortStatus}};

struct Notes {
  std::atomic<std::uint64_t> lives;
  std::atomic<std::uint64_t> ends[kCauses];  ///< by cause, noted before
};
struct Board {
  std::atomic<std::uint64_t> stop;  ///< 1: nobody ends any more
  Notes agent[kAgents];
};
static_assert(sizeof(Board) <= 4096);

inline Board& map_board(const Region& region) {
  // SAFETY: the region is a page, the kernel zeroes it once, and all who map it agree on what it is.
  return *reinterpret_cast<Board*>(region.map(read_write).value().data());
}

}  // namespace chaos
