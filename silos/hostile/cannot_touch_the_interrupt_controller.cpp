// SPDX-License-Identifier: Apache-2.0
//
// Writes to the interrupt distributor; the manifest's argument says which. Expected: stopped, nothing is mapped
// there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  *pointer<std::uint32_t>(argument()) = 0;
  return survived();
}
