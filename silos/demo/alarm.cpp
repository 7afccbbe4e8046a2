// SPDX-License-Identifier: Apache-2.0
//
// A small driver: QEMU virt's real-time clock (PL031) rings three times, a second apart. docs/drivers.md goes through
// it. Manifest: an interrupt `rings` and a device `clock`.
#include <stdio.h>

#include "handles.hpp"

using namespace granary;

int main() {
  constexpr std::uint64_t kData = 0x0, kMatch = 0x4, kMask = 0x10, kClear = 0x1c;
  const Notification word = Notification::create().value();
  handles::rings.bind(word, 1).value();  // from now on the line sets bit 0
  devices::clock.word(kMask) = 1;
  for (int i = 0; i < 3; ++i) {
    devices::clock.word(kMatch) = devices::clock.word(kData) + 1;  // in a second
    word.wait(1).value();                                          // the line has fired, and stays silent
    devices::clock.word(kClear) = 1;                               // the device is quiet
    printf("rings\n");
  }  // waiting again lets the line fire again
  handles::system.verdict(0).value();
  return 0;
}
