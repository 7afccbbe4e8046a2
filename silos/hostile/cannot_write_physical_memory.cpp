// SPDX-License-Identifier: Apache-2.0
//
// Writes to physical addresses as if they were its own: the kernel's image on QEMU virt and on a Raspberry Pi 4 lies
// there. The manifest's argument says where. Expected: stopped, nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  write(argument(), 0);
  return survived();
}
