// SPDX-License-Identifier: Apache-2.0
//
// Two cores: on core 0 an urgent silo and a meek one, each with a port; on core 1 threads of one silo that call them.
#pragma once

#include <string>
#include <vector>

#include "kernel/objects.hpp"
#include "test/fakes/two_cores.hpp"

namespace fakes {

class VisitedCore : public TwoCores {
 protected:
  struct Server {
    kernel::Thread* thread;
    std::uint64_t port;
  };

  VisitedCore() {
    for (unsigned i = 1; i < 5; ++i)
      callers.push_back(
          &add_thread(callers[0]->silo().id, "caller" + std::to_string(i), static_cast<std::uint8_t>(40 - i)));
    const std::uint32_t of_meek = add_port(meek, "meek"), of_urgent = add_port(urgent, "urgent");
    meek_port = grant_port_server(meek, of_meek);
    urgent_port = grant_port_server(urgent, of_urgent);
    to_meek = grant_port_client(*callers[0], of_meek);
    to_urgent = grant_port_client(*callers[0], of_urgent);
  }
  /// The less urgent ones wait for calls, in this order, and the urgent one runs.
  void begin(const std::vector<Server>& servers) {
    start_both();
    call_by(urgent, abi::SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
    for (const Server& server : servers)
      call_by(*server.thread, abi::SystemCall::PORT_RECEIVE, {.handle = server.port});
    ASSERT_EQ(running_on(0), &urgent) << "asleep, the core has gone on to its deadline";
  }
  void begin() { begin({{&meek, meek_port}}); }
  void call_meek(kernel::Thread& caller, std::uint64_t deadline = kForever) {
    call_by(caller, abi::SystemCall::PORT_CALL, {.handle = to_meek, .deadline = deadline});
  }
  void urgent_waits() { call_by(urgent, abi::SystemCall::PORT_RECEIVE, {.handle = urgent_port}); }
  /// Calls to the meek one, each of which gives up at once. How many signals core 0 has taken.
  unsigned disturb(unsigned times) {
    unsigned signals = 0;
    for (unsigned i = 0; i < times; ++i) {
      call_meek(*callers[0], clock() + 1);
      signals += deliver(0) ? 1 : 0;
      advance(1);
      if (running_on(1) != callers[0]) timer_on(1);
      EXPECT_EQ(running_on(1), callers[0]);
    }
    return signals;
  }

  kernel::Thread& meek = add_program_on(0, "meek", 10);
  kernel::Thread& urgent = add_program_on(0, "urgent", 30);
  std::vector<kernel::Thread*> callers{&add_program_on(1, "callers", 40)};
  std::uint64_t meek_port = 0, urgent_port = 0, to_meek = 0, to_urgent = 0;
};

}  // namespace fakes
