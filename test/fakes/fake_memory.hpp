// SPDX-License-Identifier: Apache-2.0
//
// Fake of kernel/port/memory_window.hpp: the machine's RAM is one host array. Owns it, the state of the window, and a
// list of the stretches that were made executable (rule C2), so that a test can see that code was.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernel/base/address.hpp"

namespace fakes {

inline constexpr base::PhysicalAddress kMemoryStart{0x4000'0000};
inline constexpr std::uint64_t kMemoryBytes = 32 << 20;

/// RAM full of 0xa5, window closed.
void reset_memory();
/// The bytes of fake RAM from `start` on.
std::span<std::byte> memory(base::PhysicalAddress start, std::uint64_t bytes);

bool window_is_open();
/// How many windows were opened since reset.
unsigned windows_opened();

struct ExecutableStretch {
  base::PhysicalAddress start;
  std::uint64_t bytes;
};
const std::vector<ExecutableStretch>& executable_stretches();

}  // namespace fakes
