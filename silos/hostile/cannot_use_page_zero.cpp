// SPDX-License-Identifier: Apache-2.0
//
// Reads through a null pointer with an offset. Expected: stopped, nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  read(0x18);
  return survived();
}
