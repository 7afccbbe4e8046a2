// SPDX-License-Identifier: Apache-2.0
//
// The attacks that must end in a fault, one silo each: what the rogue does and what the judge must find. The manifest
// gives the number (`argument`); both sides read this table.
#pragma once

#include <array>
#include <cstdint>

#include "ipc/abi/abi.hpp"

namespace demo {

enum class Act : std::uint8_t { Read, Write, Execute, Recurse };

struct Attack {
  const char* target;
  Act act;
  std::uint64_t address;  ///< 0 where it is found at run time (the silo's own text, data, stack)
  abi::FaultKind expected;
};

/// Where the controller has its heap (systems/demo.toml gives it 4 MiB): mapped there, in the controller, and nowhere
/// else.
inline constexpr std::uint64_t kControllersMemory = 0x100000;

inline constexpr std::array kAttacks{
    Attack{"the null pointer", Act::Read, 0x0, abi::FaultKind::Translation},
    Attack{"the controller's memory", Act::Read, kControllersMemory, abi::FaultKind::Translation},
    Attack{"the kernel's physical memory on QEMU virt", Act::Write, 0x40200000, abi::FaultKind::Translation},
    Attack{"the kernel's physical memory on a Raspberry Pi 4", Act::Write, 0x00200000, abi::FaultKind::Translation},
    Attack{"the kernel's virtual memory", Act::Read, 0x4000000000, abi::FaultKind::Translation},
    Attack{"the UART of QEMU virt", Act::Write, 0x09000000, abi::FaultKind::Translation},
    Attack{"the UART of a Raspberry Pi 4", Act::Write, 0xfe215040, abi::FaultKind::Translation},
    Attack{"its own program text", Act::Write, 0, abi::FaultKind::Permission},
    Attack{"its own data", Act::Execute, 0, abi::FaultKind::Permission},
    Attack{"its stack's guard page", Act::Recurse, 0, abi::FaultKind::Translation},
};

constexpr const char* verb(Act act) {
  switch (act) {
    case Act::Read: return "reads";
    case Act::Write: return "writes to";
    case Act::Execute: return "executes";
    case Act::Recurse: return "recurses into";
  }
  return "?";
}

}  // namespace demo
