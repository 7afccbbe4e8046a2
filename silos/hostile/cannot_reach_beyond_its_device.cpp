// SPDX-License-Identifier: Apache-2.0
//
// Touches the page behind that of the device that it has. Expected: stopped by a translation fault there.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const DeviceInfo info = devices::gpio.info().value();
  holds(info.registers - devices::gpio.address < devices::gpio.size, "the device is there");
  static_cast<void>(*pointer<std::uint32_t>(info.registers));
  static_cast<void>(*pointer<std::uint32_t>(devices::gpio.address + devices::gpio.size));
  return survived();
}
