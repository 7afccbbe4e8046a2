// SPDX-License-Identifier: Apache-2.0
//
// One of many silos that are there and wait.
#include "granary/granary.hpp"

int main() {
  for (;;) granary::sleep_until(granary::forever);
}
