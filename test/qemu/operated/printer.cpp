// SPDX-License-Identifier: Apache-2.0
//
// Prints long lines of one letter, as fast as the console takes them, while another one does the same.
#include <stdio.h>

#include "handles.hpp"

int main() {
  char line[101] = {};
  for (unsigned i = 0; i < 100; ++i) line[i] = static_cast<char>(granary::argument());
  for (unsigned i = 0; i < 200; ++i) printf("%s\n", line);
  printf("printed 200 lines\n");
}
