// SPDX-License-Identifier: Apache-2.0
// expects: attempt to use poisoned "volatile"
// layer: ipc
//
// No volatile in ipc/: hardware registers are the HAL's.
#include "kernel/base/ids.hpp"

std::uint32_t read(const std::uint32_t* where);
#ifdef COMPILES
std::uint32_t read(const std::uint32_t* where) { return *where; }
#else
std::uint32_t read(const std::uint32_t* where) { return *static_cast<const volatile std::uint32_t*>(where); }
#endif
