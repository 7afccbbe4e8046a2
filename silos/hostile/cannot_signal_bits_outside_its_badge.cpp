// SPDX-License-Identifier: Apache-2.0
//
// May signal one bit of a notification, and tries to set others: itself, by timers and bindings, by copies of its
// handle and by one that has been through a message. Expected: refused, and no other bit is ever set. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

constexpr std::uint64_t kOwnBit = 1;  // the manifest's: the first that may signal

void set_others(const Notification& word, const Semaphore& gate) {
  for (const std::uint64_t bits : {UINT64_C(2), UINT64_C(3), UINT64_C(1) << 63, ~UINT64_C(0), ~kOwnBit}) {
    granary_handle made;
    refused(granary_notification_signal(word.value(), bits), GRANARY_EPERM, "a signal");
    refused(granary_timer_create(word.value(), bits, &made), GRANARY_EPERM, "a timer");
    refused(granary_bind(gate.value(), word.value(), bits, GRANARY_EVENT_READABLE), GRANARY_EPERM, "a binding");
  }
}

}  // namespace

int main() {
  const Notification word = handles::one_bit;
  const Semaphore gate = Semaphore::create(1).value();
  set_others(word, gate);
  const Notification copy = word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL | GRANARY_RIGHT_GRANT).value();
  set_others(copy, gate);
  const Port port = Port::create().value();
  port.send_with({}, copy, GRANARY_RIGHT_NOTIFICATION_SIGNAL).value();
  const Notification carried = port.receive().value().capability().as<Notification>();
  set_others(carried, gate);
  holds(word.try_wait().error() == kWouldBlock, "a bit was set");

  // What it may do does not lead further either.
  const Timer timer = Timer::create(carried, kOwnBit).value();
  timer.set(1us).value();
  holds(carried.bind(gate, kOwnBit).ok(), "its own bit cannot be bound");
  gate.post().value();
  for (int i = 0; i < 10; ++i) {
    sleep_for(1ms);
    const Result<std::uint64_t> got = word.try_wait();
    holds(!got || *got == kOwnBit, "another bit was set");
  }
  holds(copy.signal(kOwnBit).ok() && word.try_wait().value() == kOwnBit, "its own bit cannot be set");
  return outcome();
}
