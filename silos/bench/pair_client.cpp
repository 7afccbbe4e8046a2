// SPDX-License-Identifier: Apache-2.0
//
// The client of a pair: does its rounds when it is ordered to, and says how many results were wrong. Its argument is
// the number of the pair.
#include "calls.hpp"
#include "pairs.hpp"
#include "ping_pong.hpp"

namespace {

using namespace bench;

void follow(Order order, Row row, std::size_t pair) {
  if (order == Order::Calls) return measure_calls(row, kEchoes[pair], false, GRANARY_DEADLINE_FOREVER, kPairCalls);
  if (order == Order::Messages) return measure_ping_pong(row, kWires[pair].value(), kPairMessages);
  granary_message message = first_message(false);
  const granary_status status = repeat(
      kFarCalls, [&]() __attribute__((always_inline)) {
        return call_again(kFarEchoes[pair], message, 0, GRANARY_DEADLINE_FOREVER);
      });
  expect(status == GRANARY_OK && came_through(message, false, kFarCalls), "calls to another core are answered");
}

}  // namespace

int main() {
  const std::size_t pair = argument();
  for (;;) {
    const Request request = kOrders[pair].receive().value();
    follow(static_cast<Order>(request.message.opcode), static_cast<Row>(request.message.words[0]), pair);
    handles::results.send({0, {static_cast<std::uint64_t>(failures)}}).value();
  }
}
