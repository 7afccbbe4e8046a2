// SPDX-License-Identifier: Apache-2.0
// expects: no match for 'operator-'
// layer: kernel
//
// Only addresses of one kind have a distance.
#include "kernel/base/address.hpp"

std::uint64_t distance(base::VirtualAddress from, base::PhysicalAddress to);
std::uint64_t distance(base::VirtualAddress from, [[maybe_unused]] base::PhysicalAddress to) {
#ifdef COMPILES
  return from - base::VirtualAddress(0);
#else
  return from - to;
#endif
}
