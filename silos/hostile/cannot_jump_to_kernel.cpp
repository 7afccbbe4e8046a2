// SPDX-License-Identifier: Apache-2.0
//
// Jumps to the kernel's text. Expected: stopped, nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  jump(kKernelVirtual + 0x1000);
  return survived();
}
