// SPDX-License-Identifier: Apache-2.0
//
// Executes an instruction in its data. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

namespace {
std::uint32_t code = kReturnInstruction;
}

int main() {
  jump(address_of(code));
  return survived();
}
