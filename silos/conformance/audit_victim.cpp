// SPDX-License-Identifier: Apache-2.0
//
// Is stopped by a fault, when it is told to, at an address that the auditor knows.
#include "check.hpp"
#include "handles.hpp"

int main() {
  static_cast<void>(handles::stop_victim.receive());
  return static_cast<int>(conformance::word_at(0x7'1234'0000));
}
