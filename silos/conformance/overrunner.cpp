// SPDX-License-Identifier: Apache-2.0
//
// Runs for ever, with a budget.
int main() {
  for (;;) asm volatile("");
}
