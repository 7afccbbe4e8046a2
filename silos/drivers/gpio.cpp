// SPDX-License-Identifier: Apache-2.0
//
// The pins of a Raspberry Pi 4 as a silo: gpio_pins.hpp says what clients may do. A pin stays as it is when its client
// dies: what hangs on it is not this driver's to know; a client with the same badge takes it again.
//
// Manifest: a device `gpio_registers`, a port `pins` that is received from; argument: bit n says that clients may have
// pin n. Without pins 14 and 15, where the console is.
#include "gpio_pins.hpp"
#include "handles.hpp"

using namespace granary;

int main() {
  drivers::Pins<Device> pins(devices::gpio_registers, argument());
  Result<Request> request = handles::pins.receive();
  while (request) {
    if (request->carried) request->carried.as<Handle>().close().ignore();
    if (!request->is_call()) {
      request = handles::pins.receive();
      continue;
    }
    const Message answer = pins.serve(request->badge, request->message);
    request = handles::pins.reply_and_receive(std::move(request->token), answer);
  }
  return 1;  // the port is gone
}
