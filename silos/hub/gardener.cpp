// SPDX-License-Identifier: Apache-2.0
//
// Tests both hubs of the greenhouse as their client, and that a log that is too fast for the console says what it has
// lost. Its verdict is the system's.
#include <granary/testing.hpp>

#include "handles.hpp"
#include "orders.h"

using namespace granary;
using namespace std::chrono_literals;

namespace {

struct Hub {
  const char* name;
  Port orders;
  Channel samples;
  Notification door;
};

void test(const Hub& hub) {
  testing::section(hub.name);
  constexpr std::uint64_t kSamples = 100;
  std::uint64_t sent = 0;
  while (sent < kSamples && hub.samples.send({.words = {20 + sent % 10}}, 2s)) ++sent;
  testing::equal(sent, kSamples, "all samples are sent");
  testing::ok(hub.door.signal(hub.door.info()->badge), "the door is opened");
  testing::eventually(
      2s, [&] { return hub.orders.call({order_report}, 2s).value().words[3] >= 3; }, "the time goes on");
  const Message report = hub.orders.call({order_report}, 2s).value();
  testing::equal(report.words[0], kSamples, "it has taken every sample");
  testing::equal(report.words[1], 29, "and knows the last one");
  testing::equal(report.words[2], 1, "and that the door was opened, once");
  testing::ok(hub.orders.call({order_stop}, 2s), "it is told to stop");
}

bool ended_well(const Silo& silo) {
  const SiloStatus status = silo.status().value();
  return status.state == abi::SiloState::Exited && status.exit_status == 0;
}

}  // namespace

int main() {
  test({"the hub in C++, with tasks", handles::orders, handles::samples, handles::door});
  test({"the hub in C, with functions", handles::orders_c, handles::samples_c, handles::door_c});
  testing::section("ends");
  testing::eventually(
      2s, [] { return ended_well(handles::hub); }, "the hub in C++ has ended with status 0");
  testing::eventually(
      2s, [] { return ended_well(handles::hub_c); }, "so has the one in C");
  testing::eventually(
      5s, [] { return ended_well(handles::chatterbox); }, "a log that was dropped was counted");
  return testing::finish(handles::system);
}
