// SPDX-License-Identifier: Apache-2.0
// expects: could not convert
// layer: kernel
//
// Kernel pages are asked for while no lock is held: under the console's, which ranks last, there is no way to.
#include "kernel/kernel_memory.hpp"

base::Result<std::byte*> page_for(kernel::Unlocked unlocked, base::Guarded<int, base::LockRank::Console>& console);
base::Result<std::byte*> page_for(kernel::Unlocked unlocked, base::Guarded<int, base::LockRank::Console>& console) {
#ifdef COMPILES
  console.with(unlocked, [](int& value, auto) { ++value; });
  return kernel::allocate_kernel_page(unlocked);
#else
  return console.with(unlocked, [](int&, auto held) { return kernel::allocate_kernel_page(held); });
#endif
}
