// SPDX-License-Identifier: Apache-2.0
//
// More urgent than the measuring silo: told to, it reads an address that is not mapped.
#include "granary/granary.hpp"
#include "handles.hpp"

int main() {
  handles::start_fault.wait().value();
  std::uint64_t address = 0x3000'0000;
  asm("" : "+r"(address));
  // SAFETY: none is claimed: that the access is stopped is what is measured.
  return static_cast<int>(*reinterpret_cast<volatile std::uint32_t*>(address));
}
