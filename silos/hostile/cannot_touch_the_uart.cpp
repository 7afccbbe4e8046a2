// SPDX-License-Identifier: Apache-2.0
//
// Writes to a UART; the manifest's argument says whose. Expected: stopped, nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  *pointer<std::uint32_t>(argument()) = '!';
  return survived();
}
