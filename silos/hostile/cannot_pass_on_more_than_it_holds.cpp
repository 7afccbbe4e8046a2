// SPDX-License-Identifier: Apache-2.0
//
// Gives capabilities away with rights that it does not hold, to itself, where it could use them: in messages, in
// replies to its second thread, through every single right bit. Expected: refused. Ends with 0.
#include <atomic>

#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

std::atomic<std::uint64_t> box;
std::atomic<bool> has_got_one;

}  // namespace

extern "C" void caller_main(std::uint64_t) {
  while (box == 0) sleep_for(1ms);
  const auto answer = Port(box).call_accepting({1});
  has_got_one = answer && (answer->capability().rights & ~GRANARY_RIGHT_PORT_SEND) != 0;
}

int main() {
  const Port own = Port::create().value(), object = Port::create().value();
  const Port weak = object.duplicate(GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_GRANT).value();
  for (unsigned bit = 0; bit < 64; ++bit) {
    const std::uint64_t right = std::uint64_t{1} << bit;
    const bool has_it = (right & (GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_GRANT)) != 0;
    if (has_it) continue;
    const auto sent = own.send_with({1}, weak, right | GRANARY_RIGHT_PORT_SEND, do_not_block);
    refused(-sent.error().number(), GRANARY_EPERM, "sending a right that it lacks");
  }
  refused(-own.send_with({1}, weak, ~std::uint64_t{0}, do_not_block).error().number(), GRANARY_EPERM, "all rights");
  refused(-own.send_with({1}, handles::console, GRANARY_RIGHT_CONSOLE_WRITE, do_not_block).error().number(),
          GRANARY_EPERM, "what it may not pass on");
  box = own.value();
  Request request = own.receive().value();
  refused(-Port::reply_with(request.token, {1}, weak, GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_PORT_RECEIVE)
               .error()
               .number(),
          GRANARY_EPERM, "replying with a right that it lacks");
  refused(-Port::reply_with(request.token, {1}, weak, GRANARY_RIGHT_PORT_SEND).error().number(), GRANARY_OK,
          "replying with one that it has");
  sleep_for(5ms);
  holds(!has_got_one, "a capability has grown on its way");
  return outcome();
}
