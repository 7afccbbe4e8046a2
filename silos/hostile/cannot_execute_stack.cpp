// SPDX-License-Identifier: Apache-2.0
//
// Executes an instruction on its stack. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

int main() {
  volatile std::uint32_t code = kReturnInstruction;
  jump(address_of(code));
  return survived();
}
