// SPDX-License-Identifier: Apache-2.0
//
// Touches a device of another silo, at the address at which that one has it. Expected: stopped by a translation fault.
#include "hostile.hpp"

using namespace hostile;

int main() {
  static_cast<void>(*pointer<std::uint32_t>(abi::kDevicesStart));
  return survived();
}
