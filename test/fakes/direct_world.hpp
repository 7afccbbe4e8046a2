// SPDX-License-Identifier: Apache-2.0
//
// A server, two clients and a port, with the model of the fast path in front of the kernel.
#pragma once

#include "test/fakes/kernel_world.hpp"

namespace fakes {

class DirectWorld : public KernelWorld {
 protected:
  DirectWorld() { tries_fast_path = true; }

  /// What it sends may bring capabilities.
  kernel::Thread& add_giver(std::string_view name, std::uint8_t priority) {
    quotas[abi::QuotaKind::Transfers] = 2;
    return add_program(name, priority);
  }

  kernel::Thread& server = add_giver("server", 20);
  kernel::Thread& client = add_program("client", 10);
  kernel::Thread& other = add_program("other", 10);
  std::uint32_t port = add_port(server, "command");
  std::uint64_t receive = grant(server, abi::ObjectType::Port, port,
                                {abi::Right::PortReceive, abi::Right::PortDestroy, abi::Right::Revoke});
  std::uint64_t client_handle = grant_port_client(client, port, 0xb1);
  std::uint64_t other_handle = grant_port_client(other, port, 0xb2);

  /// The server waits and the client runs. Others that are to be asleep by then sleep before.
  void server_waits() {
    start();
    ASSERT_TRUE(is_running(server));
    call(abi::SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  CallRegisters request() const { return {.handle = client_handle, .x1 = 1, .words = {1, 2, 3, 4}}; }
  /// To what the server has just received.
  CallRegisters answer() const {
    return {.handle = receive, .x1 = 2, .words = {4, 3, 2, 1}, .token = server.general[8]};
  }
  /// Whether it goes by the fast path.
  bool is_direct(abi::SystemCall number, const CallRegisters& registers) {
    const std::uint64_t before = gone_directly();
    call(number, registers);
    return gone_directly() != before;
  }
  /// The client calls and the server runs; nothing of it is known to the kernel.
  void call_directly() { call_directly(request()); }
  void call_directly(const CallRegisters& registers) {
    ASSERT_TRUE(is_direct(abi::SystemCall::PORT_CALL, registers));
    ASSERT_TRUE(is_running(server));
    ASSERT_EQ(kernel::this_core().running(), &client);
  }
  void answer_directly() {
    ASSERT_TRUE(is_direct(abi::SystemCall::PORT_REPLY_AND_RECEIVE, answer()));
    ASSERT_TRUE(is_running(client));
  }
  const kernel::PortObject& the_port() { return kernel::port_of(capability_of(server, receive)); }
  static kernel::Capability& capability_of(const kernel::Thread& thread, std::uint64_t handle) {
    return *thread.silo().capabilities.lookup(handle).value();
  }
  /// `thread` runs, and says what PORT_STATS says.
  std::vector<std::uint64_t> port_statistics(std::uint64_t handle) {
    const kernel::Thread& thread = call(abi::SystemCall::PORT_STATS, {.handle = handle});
    std::vector<std::uint64_t> words;
    for (const unsigned i : {3, 4, 5, 6, 9, 10, 11, 12}) words.push_back(thread.general[i]);
    return words;
  }
};

/// A chain of programs: each serves a port of its own and may call the next one's. The first only calls.
class ChainWorld : public KernelWorld {
 protected:
  static constexpr unsigned kLinks = DIRECT_DEPTH_MAXIMUM + 3;

  ChainWorld() {
    tries_fast_path = true;
    for (unsigned i = 0; i < kLinks; ++i) link.push_back(&add_program("link" + std::to_string(i), i == 0 ? 10 : 20));
    for (unsigned i = 1; i < kLinks; ++i) {
      const std::uint32_t port = add_port(*link[i], "port" + std::to_string(i));
      receive[i] = grant_port_server(*link[i], port);
      next[i - 1] = grant_port_client(*link[i - 1], port, i);
    }
  }
  std::vector<kernel::Thread*> link;
  std::uint64_t receive[kLinks] = {};
  std::uint64_t next[kLinks] = {};
  std::uint64_t token[kLinks] = {};  ///< that each has got last

  /// All but the first wait.
  void servers_wait() {
    for (unsigned i = 1; i < kLinks; ++i) {
      ASSERT_TRUE(is_running(*link[i]));
      call(abi::SystemCall::PORT_RECEIVE, {.handle = receive[i]});
    }
    ASSERT_TRUE(is_running(*link[0]));
  }
  /// Link `from` calls the next one.
  void call_next(unsigned from, std::uint64_t deadline) {
    ASSERT_TRUE(is_running(*link[from]));
    call(abi::SystemCall::PORT_CALL, {.handle = next[from], .x1 = from, .words = {from}, .deadline = deadline});
    ASSERT_TRUE(is_running(*link[from + 1]));
    token[from + 1] = link[from + 1]->general[8];
  }
  void answer(unsigned from) {
    ASSERT_TRUE(is_running(*link[from]));
    call(abi::SystemCall::PORT_REPLY_AND_RECEIVE,
         {.handle = receive[from], .x1 = 100 + from, .words = {from}, .token = token[from]});
    ASSERT_TRUE(is_running(*link[from - 1]));
    EXPECT_EQ(link[from - 1]->general[0], 0u);
    EXPECT_EQ(link[from - 1]->general[1], 100 + from);
  }
};

}  // namespace fakes
