// SPDX-License-Identifier: Apache-2.0
// expects: cannot convert
// layer: kernel
//
// What is mapped is physical memory: a silo's address in its place is a mistake that the compiler finds.
#include "kernel/address_space.hpp"

base::Result<void> map_it(kernel::Unlocked unlocked, kernel::AddressSpace& space, kernel::AddressRange range,
                          base::PhysicalAddress memory);
base::Result<void> map_it(kernel::Unlocked unlocked, kernel::AddressSpace& space, kernel::AddressRange range,
                          [[maybe_unused]] base::PhysicalAddress memory) {
#ifdef COMPILES
  return space.map(unlocked, range, memory, port::Access::Read, port::MemoryKind::Normal, true);
#else
  return space.map(unlocked, range, range.start(), port::Access::Read, port::MemoryKind::Normal, true);
#endif
}
