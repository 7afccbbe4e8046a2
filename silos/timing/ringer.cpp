// SPDX-License-Identifier: Apache-2.0
//
// A device that asserts its interrupt for ever, and a driver that waits for it again and again and never quietens it:
// as many interrupts as its line's limit permits.
#include "driver.hpp"
#include "handles.hpp"

using namespace granary;

int main() {
  const DeviceInfo info = devices::device.info().value();
  const driver::FiringDevice device(info.registers, info.board);
  const Notification word = Notification::create().value();
  handles::line.bind(word, 1).value();
  device.unmask();
  device.fire();
  for (;;) static_cast<void>(word.wait(1));
}
