// SPDX-License-Identifier: Apache-2.0
//
// Writes to a constant. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

namespace {
const std::uint64_t constant[2] = {7, 7};
}

int main() {
  write(address_of(constant), 8);
  return survived();
}
