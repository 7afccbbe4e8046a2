// SPDX-License-Identifier: Apache-2.0
//
// Writes to its own program text. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

int main() {
  write(kText, 0);
  return survived();
}
