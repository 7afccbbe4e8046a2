// SPDX-License-Identifier: Apache-2.0
//
// Waits for a message, then reads where nothing is.
#include "check.hpp"
#include "handles.hpp"

int main() {
  static_cast<void>(handles::die.receive());
  return static_cast<int>(conformance::word_at(0x7'0000'0000));
}
