// SPDX-License-Identifier: Apache-2.0
//
// Executes an instruction in its heap. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

extern "C" char __heap_start[];

int main() {
  write(reinterpret_cast<std::uint64_t>(__heap_start), kReturnInstruction);
  jump(reinterpret_cast<std::uint64_t>(__heap_start));
  return survived();
}
