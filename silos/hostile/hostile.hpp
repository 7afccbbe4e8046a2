// SPDX-License-Identifier: Apache-2.0
//
// What hostile programs share. Each attacks one promise, which is its file's name, and ends in one of three ways that
// the warden expects of it (warden.cpp): stopped by a fault of a certain kind, ended with status 0 after every
// attempt was refused, or still busy.
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include "granary/granary.hpp"

namespace hostile {

using namespace granary;
using namespace std::chrono_literals;

inline int successes = 0;  ///< attempts that were not refused: each is a broken promise

/// Notes an attempt that must fail, with exactly this status.
inline void refused(granary_status got, granary_status wanted, const char* what) {
  if (got == wanted) return;
  if (++successes < 4) printf("%s: wanted %s, got %" PRId64 "\n", what, granary_status_name(wanted), got);
}
/// Notes something that must hold.
inline void holds(bool condition, const char* what) {
  if (condition) return;
  if (++successes < 4) printf("%s\n", what);
}
/// Last statement of main() where every attempt must be refused.
inline int outcome() { return successes == 0 ? 0 : 1; }
/// Last statement of main() where the attack must be stopped by a fault.
inline int survived() {
  printf("the attack was not stopped\n");
  return 1;
}

/// A pointer that the compiler knows nothing about.
template <typename T = std::uint64_t>
volatile T* pointer(std::uint64_t address) {
  asm("" : "+r"(address));
  // SAFETY: none is claimed: whether the access is stopped is what is tested.
  return reinterpret_cast<volatile T*>(address);
}
inline std::uint64_t read(std::uint64_t address) { return *pointer(address); }
inline void write(std::uint64_t address, std::uint64_t value) { *pointer(address) = value; }
inline void jump(std::uint64_t address) { asm volatile("blr %0" : : "r"(address) : "x30", "memory"); }

template <typename T>
std::uint64_t address_of(T& object) {
  return reinterpret_cast<std::uint64_t>(&object);
}

inline constexpr std::uint64_t kText = 0x10000;  ///< where programs are linked (silo.ld)
inline constexpr std::uint64_t kBystandersMemory =
    0x200000;  ///< in the heap of bystander_a, and nobody else's address space
inline constexpr std::uint64_t kKernelVirtual = 0x4000000000;
inline constexpr std::uint32_t kReturnInstruction = 0xd65f03c0;

}  // namespace hostile
