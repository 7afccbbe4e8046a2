// SPDX-License-Identifier: Apache-2.0
//
// Sends and calls as fast as it can, in every way there is, with a limit of 50 messages a second. Expected: never more
// than the rate permits, over a second and a half. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  constexpr std::uint64_t kRate = 50;
  const Port port = Port::create().value();
  const ChannelEnds ends = Channel::create(4).value();
  const Clock::time_point begin = Clock::now();
  std::uint64_t sent = 0;
  while (Clock::now() - begin < 1500ms) {
    sent += port.try_send({}).ok() ? 1 : 0;
    sent += port.send({}, Clock::now() + 1ms).ok() ? 1 : 0;
    sent += ends.first.try_send({0, {1, 2, 3, 4, 5, 6, 7, 8}}).ok() ? 1 : 0;
    sent += ends.second.send({}, Clock::now() + 1ms).ok() ? 1 : 0;
    while (port.try_receive().ok() || ends.first.try_receive().ok() || ends.second.try_receive().ok()) {
    }
  }
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
  holds(sent <= kRate + static_cast<std::uint64_t>(passed) * kRate / 1000 + 1, "more messages than the rate permits");
  holds(sent >= kRate, "fewer messages than the burst");
  return outcome();
}
