// SPDX-License-Identifier: Apache-2.0
//
// Threads with budgets, and callers that pay for their server.
#pragma once

#include "test/fakes/kernel_world.hpp"

#include "kernel/cpu_time.hpp"

namespace fakes {

inline constexpr std::uint64_t kMillisecond = 62'500;

class BudgetWorld : public KernelWorld {
 protected:
  BudgetWorld() { set_now(1'000'000); }
  /// A silo with one thread that may run 2 ms in each 10.
  kernel::Thread& add_limited(std::string_view name, std::uint8_t priority,
                              abi::Overrun overrun = abi::Overrun::Throttle, std::uint32_t amount = 2000,
                              std::uint32_t period = 10000) {
    budget = {amount, period, overrun};
    kernel::Thread& thread = add_program(name, priority);
    budget = {};
    return thread;
  }
  void sleep_for(std::uint64_t ticks) { call(abi::SystemCall::SLEEP_UNTIL, {.deadline = clock() + ticks}); }
  void sleep_for_ever() { call(abi::SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
  static std::uint64_t time_of(const kernel::Thread& thread) { return kernel::cpu_time(thread).value(); }
};

/// A server (20) at a port; a client with a budget (10), a second client (8) and a bystander (5).
class PayWorld : public BudgetWorld {
 protected:
  kernel::Thread& server = add_program("server", 20);
  kernel::Thread* client = nullptr;
  kernel::Thread& second = add_program("second", 12);
  kernel::Thread& other = add_program("other", 5);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t second_call = grant_port_client(second, port);
  std::uint64_t client_call = 0;

  void begin(abi::Overrun policy = abi::Overrun::Throttle) {
    client = &add_limited("client", 10, policy);
    client_call = grant_port_client(*client, port);
    start();
    call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(second));
    sleep_for(kMillisecond / 2);
    ASSERT_TRUE(is_running(*client));
    call(abi::SystemCall::PORT_CALL, {.handle = client_call});
    ASSERT_TRUE(is_running(server));
  }
  void reply() { call(abi::SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .token = token}); }
  std::uint64_t token = 1;
};

}  // namespace fakes
