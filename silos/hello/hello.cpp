// SPDX-License-Identifier: Apache-2.0
//
// The smallest silo in C++: it prints a line and ends with status 0.
#include <stdio.h>

int main() {
  printf("hello from C++\n");
  return 0;
}
