// SPDX-License-Identifier: Apache-2.0
//
// Gives up everything but printing, and tries to have it back: by every mask, from another thread, by the calls
// themselves and by messages. Expected: refused. Ends with 0.
#include <atomic>

#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

std::atomic<int> turn;
Port own;

void attack() {
  granary_handle handle = 0;
  std::uint64_t left = 0, words[8] = {0x746572636573};
  for (unsigned bit = 0; bit < 64; ++bit) {
    if (bit == 3) continue;  // printing
    refused(granary_silo_pledge(std::uint64_t{1} << bit, &left), GRANARY_EPERM, "having a class back");
    refused(granary_silo_pledge(std::uint64_t{1} << bit | 1U << 3, &left), GRANARY_EPERM, "having one more");
  }
  refused(granary_silo_pledge(~std::uint64_t{0}, &left), GRANARY_EPERM, "having all back");
  refused(granary_port_create(&handle), GRANARY_EPERM, "making a port");
  refused(granary_semaphore_create(0, &handle), GRANARY_EPERM, "making a semaphore");
  refused(granary_region_create(1, &handle), GRANARY_EPERM, "making a region");
  refused(granary_handle_duplicate(own.value(), GRANARY_RIGHT_PORT_SEND, &handle), GRANARY_EPERM, "duplicating");
  refused(granary_name_connect(words, GRANARY_DEADLINE_DO_NOT_BLOCK, &handle), GRANARY_EPERM, "connecting");
  refused(-own.send_with({1}, own, GRANARY_RIGHT_PORT_SEND, do_not_block).error().number(), GRANARY_EPERM,
          "sending along");
  refused(-own.send_moving({1}, own, GRANARY_RIGHT_PORT_SEND).error().number(), GRANARY_EPERM, "moving");
}

}  // namespace

extern "C" void second_main(std::uint64_t) {
  while (turn != 1) sleep_for(1ms);
  attack();
  turn = 2;
}

int main() {
  own = Port::create().value();
  holds(pledge(abi::Pledge::Print).ok(), "the pledge was refused");
  attack();
  turn = 1;
  while (turn != 2) sleep_for(1ms);
  holds(pledge(abi::Pledge::Print).ok(), "what was kept is gone");
  return outcome();
}
