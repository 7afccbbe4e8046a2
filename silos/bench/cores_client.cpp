// SPDX-License-Identifier: Apache-2.0
//
// Measures what needs several cores: calls, messages and notifications between this core and the next, and pairs of
// silos that work side by side, each on a core of its own. Gives the verdict: how many results were wrong.
#include "calls.hpp"
#include "pairs.hpp"
#include "ping_pong.hpp"

namespace {

using namespace bench;

/// Two notifications for each round: there, and back.
void measure_notifications() {
  constexpr std::uint64_t kThereAndBack = 2;
  const auto round = [] {
    std::uint64_t taken = 0;
    const granary_status status = granary_notification_signal(handles::bell_there.value(), 1);
    if (status != GRANARY_OK) return status;
    return granary_notification_wait(handles::bell_back.value(), 1, GRANARY_DEADLINE_FOREVER, &taken);
  };
  bool good = repeat(kWarmUp, round) == GRANARY_OK;
  open_window(Row::NotifyBetweenCores, kRounds * kThereAndBack);
  good = repeat(kRounds, round) == GRANARY_OK && good;
  close_window();
  expect(good, "each notification is answered by another");
}

void send_order(std::size_t pair, Order order, Row row) {
  kOrders[pair].send({static_cast<std::uint64_t>(order), {static_cast<std::uint64_t>(row)}}).value();
}
/// Waits until so many pairs have done what they were ordered.
std::uint64_t wait_for_results(std::size_t pairs) {
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < pairs; ++i) wrong += handles::results.receive().value().message.words[0];
  return wrong;
}

void measure_pairs(std::size_t pairs, Order order, Row row) {
  for (std::size_t pair = 0; pair < pairs; ++pair) send_order(pair, order, row);
  expect(wait_for_results(pairs) == 0, "the pairs find no wrong result");
}

/// Two pairs of which each is spread over two cores. The window is this silo's: with one in each client, what the
/// other cores run would be counted twice.
void measure_spread_pairs() {
  open_window(Row::CallsBetween4Cores, 2 * kFarCalls);
  send_order(0, Order::FarCalls, Row::CallsBetween4Cores);
  send_order(2, Order::FarCalls, Row::CallsBetween4Cores);
  const std::uint64_t wrong = wait_for_results(2);
  close_window();
  expect(wrong == 0, "two pairs over four cores find no wrong result");
}

/// The window is over instructions of this silo alone, which nothing of the other core concerns.
void measure_visitors() {
  constexpr std::uint64_t kTurns = 2'000'000, kTurnInstructions = 2, kUnit = 1'000;
  expect(granary_notification_signal(handles::pest_bell.value(), 1) == GRANARY_OK, "the pest begins");
  open_window(Row::TakenByVisitors, kTurns * kTurnInstructions / kUnit);
  std::uint64_t turns = kTurns;
  asm volatile("1: subs %0, %0, #1\n b.ne 1b" : "+r"(turns) : : "cc");
  close_window();
  expect(granary_notification_signal(handles::pest_bell.value(), 1) == GRANARY_OK, "the pest is to stop");
}

}  // namespace

int main() {
  settle();
  measure_calls(Row::CallBetweenCores, handles::far_0, false, GRANARY_DEADLINE_FOREVER);
  measure_ping_pong(Row::ChannelBetweenCores, handles::far_wire.value(), kRounds);
  measure_notifications();
  measure_spread_pairs();
  measure_visitors();
  measure_pairs(1, Order::Calls, Row::CallsOn1Core);
  measure_pairs(2, Order::Calls, Row::CallsOn2Cores);
  measure_pairs(4, Order::Calls, Row::CallsOn4Cores);
  measure_pairs(1, Order::Messages, Row::MessagesOn1Core);
  measure_pairs(2, Order::Messages, Row::MessagesOn2Cores);
  measure_pairs(4, Order::Messages, Row::MessagesOn4Cores);
  printf("bench: %d results were wrong\n", failures);
  handles::system.verdict(static_cast<std::uint64_t>(failures)).value();
  return failures;
}
