// SPDX-License-Identifier: Apache-2.0
//
// Names of the sixteen vectors (Arm ARM D1.3.1.5), as a reader of the console should see them.
#include "hal/aarch64/death_words.hpp"

namespace hal {

const char* vector_name(std::uint64_t vector) {
  static constexpr const char* kNames[] = {
      "synchronous exception in the kernel, on the stack pointer of EL0",
      "interrupt (IRQ) in the kernel, on the stack pointer of EL0",
      "fast interrupt (FIQ) in the kernel, on the stack pointer of EL0",
      "system error (SError) in the kernel, on the stack pointer of EL0",
      "synchronous exception in the kernel",
      "interrupt (IRQ) in the kernel",
      "fast interrupt (FIQ) in the kernel",
      "system error (SError) in the kernel",
      "synchronous exception in a silo",
      "interrupt (IRQ) in a silo",
      "fast interrupt (FIQ) in a silo",
      "system error (SError) in a silo without devices",
      "synchronous exception in AArch32 state",
      "interrupt (IRQ) in AArch32 state",
      "fast interrupt (FIQ) in AArch32 state",
      "system error (SError) in AArch32 state",
  };
  return vector < sizeof kNames / sizeof kNames[0] ? kNames[vector] : "no exception";
}

}  // namespace hal
