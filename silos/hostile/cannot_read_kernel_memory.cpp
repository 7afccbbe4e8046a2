// SPDX-License-Identifier: Apache-2.0
//
// Reads where the kernel has its own text mapped. Expected: stopped, nothing is mapped there for a silo.
#include "hostile.hpp"

using namespace hostile;

int main() {
  read(kKernelVirtual);
  return survived();
}
