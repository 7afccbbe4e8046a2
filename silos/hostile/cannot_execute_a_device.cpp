// SPDX-License-Identifier: Apache-2.0
//
// Jumps into the registers of the device that it has. Expected: stopped by a permission fault.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  jump(devices::block.address);
  return survived();
}
