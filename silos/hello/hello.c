/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest silo in C.
 */
#include <stdio.h>

int main(void) {
  printf("hello from C\n");
  return 0;
}
