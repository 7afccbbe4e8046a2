// SPDX-License-Identifier: Apache-2.0
//
// Faults with a chain of frame records that was made to hurt whoever follows it: in circles, into the kernel, across
// the end of the stack, or misaligned; the manifest's argument says which. Expected: stopped, nothing mapped there; the
// kernel tells the fault and goes on.
#include "hostile.hpp"

using namespace hostile;

namespace {

alignas(16) std::uint64_t in_data[2] = {0, kText};

/// X29 is this; then a fault. Nothing comes back.
[[noreturn, gnu::noinline]] void fault_with_frame_pointer(std::uint64_t frame) {
  asm volatile("mov x29, %0; mov x30, %0; mov x0, xzr; ldr x0, [x0]" : : "r"(frame) : "x0", "memory");
  __builtin_unreachable();
}

}  // namespace

int main() {
  alignas(16) volatile std::uint64_t frames[64] = {};
  const auto here = reinterpret_cast<std::uint64_t>(&frames[0]);
  switch (argument()) {
    case 0: frames[0] = here; break;  // to itself
    case 1:                           // there and back
      frames[0] = here + 64;
      frames[8] = here;
      break;
    case 2: frames[0] = kKernelVirtual; break;
    case 3: frames[0] = ~std::uint64_t{15}; break;
    case 4: frames[0] = here + 8; break;
    case 5: frames[0] = address_of(in_data); break;
    default:  // more than anybody wants to read
      for (std::uint64_t i = 0; i < 62; i += 2) {
        frames[i] = here + 8 * (i + 2);
        frames[i + 1] = kKernelVirtual + i;
      }
  }
  frames[1] = kText;
  fault_with_frame_pointer(argument() == 3 ? ~std::uint64_t{15} : here);
}
