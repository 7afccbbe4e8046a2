// SPDX-License-Identifier: Apache-2.0
//
// A silo that ends and comes back: what is new, what has stayed, and what its peers are told.
#include "test/fakes/returning_world.hpp"

#include <cstring>

#include "kernel/manifest_capabilities.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo_memory.hpp"
#include "test/fakes/fake_memory.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

struct SiloRestartTest : fakes::ReturningWorld {
  Thread& client = add_program("client", 10);
  std::uint32_t port = add_port(server, "port");
  std::uint32_t channel = add_channel("channel", 4);
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t server_end =
      grant(server, ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 0);
  std::uint64_t send = grant_port_client(client, port, 7);
  std::uint64_t client_end =
      grant(client, ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 1);
  std::uint64_t system =
      grant(watcher, ObjectType::System, 0, {Right::SystemObserve, Right::SystemKill, Right::SystemStart});
};

TEST_F(SiloRestartTest, the_handles_of_the_manifest_are_the_same_and_others_are_not) {
  begin();
  ASSERT_EQ(status_of(SystemCall::PORT_CREATE), 0);
  const std::uint64_t made = server.general[3];
  ASSERT_EQ(status_of(SystemCall::CHAN_CLOSE, {.handle = server_end}), 0);
  crash();
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.silo().capabilities.live(), 2u);
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = server_end}), 0) << "though it had closed it";
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = made}), minus(Error::EBADF));
  ASSERT_EQ(status_of(SystemCall::PORT_CREATE), 0);
  EXPECT_NE(server.general[3], made) << "a new generation of the slot";
}

TEST_F(SiloRestartTest, a_caller_whose_call_was_taken_is_told_that_the_server_comes_back_and_calls_again) {
  begin();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = send, .words = {1}});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  crash();
  EXPECT_EQ(status(client), minus(Error::ECONNRESET));
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EINVAL));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  call(SystemCall::PORT_CALL, {.handle = send, .words = {2}});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[3], 2u);
  EXPECT_EQ(server.general[7], 7u) << "the same badge";
  EXPECT_NE(server.general[8], token);
}

TEST_F(SiloRestartTest, a_caller_whose_call_was_not_taken_is_told_as_well) {
  begin();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::PORT_CALL, {.handle = send});
  EXPECT_EQ(client.waiting, ipc::Waiting::CallQueued);
  pass(100);
  crash();
  EXPECT_EQ(status(client), minus(Error::ECONNRESET));
}

TEST_F(SiloRestartTest, messages_that_were_sent_stay_queued_in_ports_and_channels) {
  begin();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send, .words = {i}}), 0);
    ASSERT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = client_end, .words = {10 + i}}), 0);
  }
  pass(100);
  ASSERT_TRUE(is_running(server));
  ASSERT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = server_end}), 0);
  EXPECT_EQ(server.general[3], 11u);
  crash();
  ASSERT_TRUE(is_running(server));
  for (std::uint64_t i = 1; i <= 3; ++i) {
    ASSERT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), 0);
    EXPECT_EQ(server.general[3], i);
  }
  for (std::uint64_t i = 2; i <= 3; ++i) {
    ASSERT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = server_end}), 0);
    EXPECT_EQ(server.general[3], 10 + i);
  }
}

TEST_F(SiloRestartTest, who_waits_at_the_other_end_of_a_channel_is_told_and_what_it_sent_stays) {
  begin();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  call(SystemCall::CHAN_RECV, {.handle = client_end});
  pass(100);
  crash();
  EXPECT_EQ(status(client), minus(Error::ECONNRESET));
  ASSERT_TRUE(is_running(server));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_RECV, {.handle = client_end}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = client_end}), 0);
}

TEST_F(SiloRestartTest, nothing_is_lost_or_left_over_many_restarts) {
  begin();
  crash();
  const auto counts = object_counts(base::hold_nothing(base::TokenSource::interrupts_masked()));
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(is_running(server));
    ASSERT_EQ(status_of(SystemCall::PORT_CREATE), 0);
    ASSERT_EQ(status_of(SystemCall::CHAN_CREATE, {.words = {2}}), 0);
    crash();
  }
  const auto after = object_counts(base::hold_nothing(base::TokenSource::interrupts_masked()));
  EXPECT_EQ(std::memcmp(&counts, &after, sizeof counts), 0);
  EXPECT_EQ(server.silo().quota(abi::QuotaKind::Ports).used(), 0u);
  EXPECT_EQ(server.silo().quota(abi::QuotaKind::Channels).used(), 0u);
  EXPECT_EQ(server.silo().life.restarts, 501u);
}

TEST_F(SiloRestartTest, an_operator_stops_it_for_good_and_starts_it_again) {
  const std::uint64_t own = server.silo().id.value();
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {own}}), minus(Error::EEXIST));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {99}}), minus(Error::EINVAL));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client)) << "the work of the end is done";
  EXPECT_EQ(server.silo().life.phase, SiloLife::Phase::Down);
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send}), minus(Error::EPIPE)) << "gone for good";
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = client_end}), minus(Error::EPIPE));
  pass(1000);
  ASSERT_TRUE(is_running(watcher));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {own}}), 0) << "when it runs";
  EXPECT_EQ(server.silo().life.restarts, 1u);
  ASSERT_TRUE(is_running(watcher));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100'000});
  ASSERT_TRUE(is_running(server));
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send, .words = {4}}), 0) << "the old handle works again";
  EXPECT_EQ(server.general[3], 4u);
  EXPECT_EQ(status_of(SystemCall::CHAN_TRY_SEND, {.handle = client_end}), 0);
}

TEST_F(SiloRestartTest, an_operator_restarts_one_that_runs) {
  const std::uint64_t own = server.silo().id.value();
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_RESTART, {.handle = system, .words = {own}}), 0) << "when it runs again";
  ASSERT_TRUE(is_running(watcher));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100'000});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.silo().state(), abi::SiloState::Running);
  EXPECT_EQ(server.silo().life.restarts, 1u);
  pass(100'000);
  ASSERT_TRUE(is_running(watcher));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_LIFE, {.handle = system, .words = {own}}), 0);
  EXPECT_EQ(watcher.general[3], 1u);
  EXPECT_EQ(watcher.general[4], 0u);
  EXPECT_EQ(watcher.general[6], static_cast<std::uint64_t>(abi::SiloState::Killed));
  EXPECT_EQ(watcher.general[9], watcher.silo().id.value());
}

TEST_F(SiloRestartTest, who_may_not_start_is_refused) {
  const std::uint64_t blind = grant(client, ObjectType::System, 0, {Right::SystemObserve, Right::SystemKill});
  begin();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = blind, .words = {1}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_RESTART, {.handle = blind, .words = {1}}), minus(Error::EPERM));
  EXPECT_FALSE(server.silo().has_stopped());
}

}  // namespace
}  // namespace kernel
