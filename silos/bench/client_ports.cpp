// SPDX-License-Identifier: Apache-2.0
//
// Calls and sends between two silos.
#include "calls.hpp"
#include "parts.hpp"

namespace bench {

namespace {

void measure_calls_with_floating_point() {
  granary_message message = first_message(false);
  double calls = 0.0;
  measure(
      Row::CallWithFloatingPoint, kRounds, "a call with floating point succeeds", [&]() __attribute__((always_inline)) {
        asm volatile("fadd %d0, %d0, %d1" : "+w"(calls) : "w"(1.0));
        return call_again(handles::echo_floating_point, message, 0, GRANARY_DEADLINE_FOREVER);
      });
  constexpr std::uint64_t kCalls = kRounds + kWarmUp;
  expect(static_cast<std::uint64_t>(calls) == kCalls, "the caller's floating point registers are its own");
  expect(message.word[1] == kCalls, "the server's floating point registers are its own");
}

void measure_null_calls() {
  measure(Row::NullCall, kRounds, "a null call succeeds", [] { return granary_null_call(); });
}

void measure_send_and_back() {
  granary_message message = first_message(false);
  granary_delivery back{};
  measure(
      Row::SendAndBack, kRounds, "a message is sent and comes back", [&]() __attribute__((always_inline)) {
        const granary_status sent = granary_port_send(handles::there.value(), &message, GRANARY_DEADLINE_FOREVER);
        if (sent != GRANARY_OK) return sent;
        const granary_status status = granary_port_receive(handles::back.value(), GRANARY_DEADLINE_FOREVER, &back);
        message.word[0] = back.message.word[0];
        return status;
      });
  expect(came_through(message, false, kRounds + kWarmUp), "each message came back");
}

}  // namespace

void measure_ports() {
  const std::uint64_t an_hour_away = Deadline(1h).ticks();
  measure_calls(Row::CallFourWords, handles::echo, false, GRANARY_DEADLINE_FOREVER);
  measure_calls(Row::CallWithDeadline, handles::echo, false, an_hour_away);
  measure_calls_with_floating_point();
  measure_calls(Row::CallEightWords, handles::echo, true, GRANARY_DEADLINE_FOREVER);
  measure_null_calls();
  measure_send_and_back();
}

}  // namespace bench
