// SPDX-License-Identifier: Apache-2.0
//
// Never gives up the processor.
int main() {
  for (;;) asm volatile("");
}
