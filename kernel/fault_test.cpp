// SPDX-License-Identifier: Apache-2.0
//
// A fault stops one silo, and everybody else goes on: in every state its threads and its peers can be in.
#include "test/fakes/kernel_world.hpp"

#include "kernel/fault.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using port::FaultCause;
using testing::HasSubstr;

TEST(FaultKindTest, names_every_cause_for_the_interface) {
  const std::pair<FaultCause, abi::FaultKind> pairs[] = {
      {FaultCause::Translation, abi::FaultKind::Translation},
      {FaultCause::Permission, abi::FaultKind::Permission},
      {FaultCause::AddressSize, abi::FaultKind::AddressSize},
      {FaultCause::Alignment, abi::FaultKind::Alignment},
      {FaultCause::UndefinedInstruction, abi::FaultKind::UndefinedInstruction},
      {FaultCause::TrappedRegister, abi::FaultKind::TrappedRegister},
      {FaultCause::Breakpoint, abi::FaultKind::Breakpoint},
      {FaultCause::FloatingPoint, abi::FaultKind::FloatingPoint},
      {FaultCause::ExternalAbort, abi::FaultKind::ExternalAbort},
      {FaultCause::Other, abi::FaultKind::Other}};
  for (const auto& [cause, kind] : pairs) EXPECT_EQ(fault_kind(cause), kind);
}

struct FaultTest : fakes::KernelWorld {
  Thread& server = add_program("server", 20);
  Thread& client = add_program("client", 10);
  std::uint32_t port = add_port(server, "command");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t send = grant_port_client(client, port);

  void expect_client_got_pipe() {
    ASSERT_TRUE(is_running(client));
    EXPECT_EQ(status(client), minus(Error::EPIPE));
    expect_clean(client);
  }
};

TEST_F(FaultTest, stops_the_silo_and_reports_it) {
  start();
  fault(read_fault(0x8));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(server.state(), ThreadState::Dead);
  EXPECT_EQ(server.silo().state(), abi::SiloState::Faulted);
  EXPECT_EQ(server.silo().fault_record().report.address, 8u);
  EXPECT_EQ(server.silo().fault_record().thread.view(), "server");
  EXPECT_THAT(console(), HasSubstr("granary: silo server stopped: thread server: 8-byte read into x3 at 0x8"));
}

TEST_F(FaultTest, while_the_caller_waits_for_the_reply) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  fault(read_fault(0));
  expect_client_got_pipe();
}

TEST_F(FaultTest, while_the_call_is_queued) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  fault(read_fault(0));
  expect_client_got_pipe();
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = send}), minus(Error::EPIPE));
}

TEST_F(FaultTest, before_the_call_is_made) {
  start();
  fault(read_fault(0));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = send}), minus(Error::EPIPE));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send}), minus(Error::EPIPE));
}

TEST_F(FaultTest, after_the_reply_and_before_the_client_runs) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send});
  call(SystemCall::PORT_REPLY, {.x1 = 7, .token = server.general[8]});
  ASSERT_TRUE(is_running(server));
  fault(read_fault(0));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), 0);
  EXPECT_EQ(client.general[1], 7u);
}

TEST_F(FaultTest, of_a_thread_that_does_not_serve_in_a_silo_that_does) {
  Thread& second = add_thread(server.silo().id, "second", 5);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(second));
  fault(read_fault(0));
  expect_client_got_pipe();
  EXPECT_EQ(server.state(), ThreadState::Dead);
  EXPECT_EQ(this_core().timers().size(), 0u) << "the sleep of the dead wakes nobody";
}

TEST_F(FaultTest, of_a_client_whose_call_is_queued_leaves_nothing_for_the_server) {
  add_thread(client.silo().id, "second", 9);
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::PORT_CALL, {.handle = send});
  fault(read_fault(0));  // of `second`
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(client.state(), ThreadState::Dead);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), minus(Error::EAGAIN));
}

TEST_F(FaultTest, of_a_client_whose_call_was_taken_loses_the_reply) {
  add_thread(client.silo().id, "second", 9);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  fault(read_fault(0));
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.effective_priority(), base::Priority(20));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE));
}

TEST_F(FaultTest, of_a_silo_that_holds_channel_ends_disconnects_them) {
  using abi::Right;
  const std::uint32_t channel = add_channel("c", 2);
  const std::uint64_t one =
      grant(server, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 0);
  const std::uint64_t two =
      grant(client, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 1);
  start();
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = one, .x1 = 1}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = two}), 0);
  call(SystemCall::CHAN_RECV, {.handle = two});
  ASSERT_TRUE(is_running(server));
  fault(read_fault(0));
  expect_client_got_pipe();
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = two}), minus(Error::EPIPE));
}

TEST_F(FaultTest, gives_back_what_the_silo_had_made) {
  start();
  const ObjectCounts before = object_counts(fakes::unlocked());
  call(SystemCall::PORT_CREATE);
  call(SystemCall::CHAN_CREATE, {.words = {8}});
  fault(read_fault(0));
  const ObjectCounts after = object_counts(fakes::unlocked());
  EXPECT_EQ(after.ports, before.ports);
  EXPECT_EQ(after.channels, before.channels);
  EXPECT_EQ(after.messages.taken, before.messages.taken);
  EXPECT_EQ(server.silo().quota(abi::QuotaKind::Ports).used(), 0u);
  EXPECT_EQ(server.silo().capabilities.live(), 0u);
}

TEST_F(FaultTest, a_dead_silo_is_told_by_its_status_after_everything_is_gone) {
  const std::uint64_t observe = grant(client, abi::ObjectType::Silo, 0, {abi::Right::SiloObserve});
  start();
  fault(read_fault(0xabc));
  ASSERT_EQ(status_of(SystemCall::SILO_STATUS, {.handle = observe}), 0);
  EXPECT_EQ(client.general[3], static_cast<std::uint64_t>(abi::SiloState::Faulted));
  EXPECT_EQ(client.general[4], static_cast<std::uint64_t>(abi::FaultKind::Translation));
  EXPECT_EQ(client.general[5], 0xabcu);
}

}  // namespace
}  // namespace kernel
