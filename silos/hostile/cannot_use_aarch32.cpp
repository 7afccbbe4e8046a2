// SPDX-License-Identifier: Apache-2.0
//
// Jumps to an odd address, as one enters Thumb code on a 32-bit processor. Expected: stopped, the program counter is
// misaligned.
#include "hostile.hpp"

using namespace hostile;

int main() {
  jump(kText + 1);
  return survived();
}
