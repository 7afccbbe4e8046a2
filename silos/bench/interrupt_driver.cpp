// SPDX-License-Identifier: Apache-2.0
//
// A driver and what its device interrupts, in one silo, as a device is one silo's: told to begin, the main thread has
// the device assert its line again and again, and each time the more urgent driver quietens it and waits again.
#include "bench.hpp"
#include "driver.hpp"
#include "handles.hpp"

using namespace bench;

namespace {

constexpr std::uint64_t kBit = 1;

std::uint64_t registers;
DeviceInfo::Board board;
volatile std::uint64_t woken;

driver::FiringDevice device() { return driver::FiringDevice(registers, board); }

}  // namespace

extern "C" [[gnu::used]] void driver_main(std::uint64_t) {
  const DeviceInfo info = devices::device.info().value();
  registers = info.registers;
  board = info.board;
  const driver::FiringDevice own = device();
  own.quieten();
  own.unmask();
  const Notification word = Notification::create().value();
  handles::line.bind(word, kBit).value();
  for (;;) {
    word.wait(kBit).value();
    own.quieten();
    woken = woken + 1;
  }
}

int main() {
  handles::start_driver.wait().value();  // the driver waits for its first interrupt by then
  const driver::FiringDevice own = device();
  measure(Row::DeviceInterrupt, kRounds, "the device fires", [&] {
    own.fire();
    return GRANARY_OK;
  });
  expect(woken == kRounds + kWarmUp, "the driver woke each time");
  own.mask();
  handles::driver_done.signal(1).value();
  return failures;
}
