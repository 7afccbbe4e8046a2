// SPDX-License-Identifier: Apache-2.0
//
// What an operator sees, and the end of a silo by its hand.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct ObserverCallsTest : fakes::RecordWorld {
  std::uint64_t system = grant(reader, abi::ObjectType::System, 0, {Right::SystemObserve, Right::SystemKill});
  std::uint64_t blind = grant(reader, abi::ObjectType::System, 0, {Right::SystemVerdict});

  void begin() {
    start();
    call(SystemCall::PORT_RECEIVE, {.handle = receive});  // the server waits
    call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
    ASSERT_TRUE(is_running(reader));
  }
  template <typename Record>
  const Record& record(unsigned index) {
    return static_cast<const Record*>(static_cast<const void*>(&reader.message_page()))[index];
  }
};

TEST_F(ObserverCallsTest, silos_are_told_with_their_state_memory_and_counts) {
  begin();
  call(SystemCall::PORT_TRY_SEND, {.handle = 1});  // refused
  ASSERT_EQ(status_of(SystemCall::SYSTEM_SILOS, {.handle = system, .words = {0}}), 0);
  ASSERT_EQ(reader.general[3], silos().size());
  EXPECT_EQ(reader.general[4], 0u);
  const auto& own = record<abi::SiloRecord>(reader.silo().id.value());
  EXPECT_STREQ(own.name, "reader");
  EXPECT_EQ(own.silo, reader.silo().id.value());
  EXPECT_EQ(own.state, static_cast<std::uint32_t>(abi::SiloState::Running));
  EXPECT_EQ(own.live_threads, 1u);
  EXPECT_EQ(own.pages, 4u) << "two of text, two of stack";
  EXPECT_EQ(own.refused, reader.silo().refused_calls);
  EXPECT_EQ(own.capabilities, reader.silo().capabilities.live());
}

TEST_F(ObserverCallsTest, threads_are_told_with_what_they_wait_for) {
  begin();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_THREADS, {.handle = system, .words = {0}}), 0);
  ASSERT_EQ(reader.general[3], all_threads().size());
  const auto& waiting = record<abi::ObservedThread>(1);
  EXPECT_STREQ(waiting.name, "server");
  EXPECT_STREQ(waiting.object, "port");
  EXPECT_EQ(waiting.wait, static_cast<std::uint32_t>(abi::ThreadWait::PortMessage));
  EXPECT_EQ(waiting.state, static_cast<std::uint32_t>(abi::ThreadState::Blocked));
  EXPECT_EQ(waiting.priority, 30u);
  EXPECT_EQ(record<abi::ObservedThread>(0).state, static_cast<std::uint32_t>(abi::ThreadState::Running));
  const auto& sleeping = record<abi::ObservedThread>(2);
  EXPECT_EQ(sleeping.wait, static_cast<std::uint32_t>(abi::ThreadWait::Time));
  EXPECT_STREQ(sleeping.object, "");
}

TEST_F(ObserverCallsTest, a_thread_that_waits_for_a_reply_names_who_owes_it) {
  const std::uint64_t slow_calls = grant_port_client(slow, port, 9);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(slow));
  call(SystemCall::PORT_CALL, {.handle = slow_calls});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_THREADS, {.handle = system, .words = {0}}), 0);
  const auto& caller = record<abi::ObservedThread>(2);
  EXPECT_EQ(caller.wait, static_cast<std::uint32_t>(abi::ThreadWait::Reply));
  EXPECT_EQ(caller.server_silo, server.silo().id.value());
  const auto& serving = record<abi::ObservedThread>(1);
  EXPECT_EQ(serving.priority, 30u);
  EXPECT_EQ(serving.effective_priority, 20u);
}

TEST_F(ObserverCallsTest, capabilities_of_a_silo_are_told_and_equal_objects_can_be_seen) {
  begin();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {slow.silo().id.value(), 0}}), 0);
  ASSERT_EQ(reader.general[3], 1u);
  EXPECT_EQ(reader.general[4], 0u);
  const abi::CapabilityRecord client = record<abi::CapabilityRecord>(0);
  EXPECT_STREQ(client.object, "port");
  EXPECT_EQ(client.type, static_cast<std::uint16_t>(abi::ObjectType::Port));
  EXPECT_EQ(client.badge, 5u);
  EXPECT_EQ(client.slot, 1u);
  EXPECT_EQ(client.rights, static_cast<std::uint64_t>(Right::PortSend) | static_cast<std::uint64_t>(Right::PortCall));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {server.silo().id.value(), 0}}), 0);
  EXPECT_EQ(record<abi::CapabilityRecord>(0).identity, client.identity);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {reader.silo().id.value(), 0}}), 0);
  EXPECT_NE(record<abi::CapabilityRecord>(1).identity, client.identity);
}

TEST_F(ObserverCallsTest, a_large_table_is_told_in_parts_each_of_bounded_length) {
  const base::SiloId large = add_silo("large", 4096);
  Thread& holder = add_thread(large, "large", 5);
  for (int i = 0; i < 100; ++i) grant_port_client(holder, port, 50 + i);
  begin();
  std::uint64_t cursor = 0, count = 0, calls = 0;
  do {
    ASSERT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {large.value(), cursor}}), 0);
    ASSERT_LE(reader.general[3], 64u);
    for (std::uint64_t i = 0; i < reader.general[3]; ++i)
      EXPECT_EQ(record<abi::CapabilityRecord>(static_cast<unsigned>(i)).badge, 50 + count++);
    cursor = reader.general[4];
    ++calls;
  } while (cursor != 0);
  EXPECT_EQ(count, 100u);
  EXPECT_LE(calls, 4096u / 256 + 2);
}

TEST_F(ObserverCallsTest, refusals_by_cursor_number_and_right) {
  begin();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_SILOS, {.handle = system, .words = {silos().size()}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_THREADS, {.handle = system, .words = {~std::uint64_t{0}}}),
            minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {silos().size(), 0}}),
            minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_CAPABILITIES, {.handle = system, .words = {0, 64}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {silos().size()}}), minus(Error::EINVAL));
  for (const std::uint64_t handle : {blind, audit}) {
    for (const SystemCall number : {SystemCall::SYSTEM_SILOS, SystemCall::SYSTEM_THREADS,
                                    SystemCall::SYSTEM_CAPABILITIES, SystemCall::SYSTEM_KILL})
      EXPECT_EQ(status_of(number, {.handle = handle, .words = {0, 0}}), minus(Error::EPERM));
  }
  EXPECT_FALSE(slow.silo().has_stopped());
}

TEST_F(ObserverCallsTest, a_killed_silo_stops_its_callers_get_epipe_and_it_is_in_the_audit) {
  const std::uint64_t slow_calls = grant_port_client(slow, port, 9);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::PORT_CALL, {.handle = slow_calls});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  skip_audit();
  call(SystemCall::SYSTEM_KILL, {.handle = system, .words = {server.silo().id.value()}});
  EXPECT_EQ(server.silo().state(), abi::SiloState::Killed);
  EXPECT_EQ(server.silo().killed_by(), reader.silo().id);
  ASSERT_TRUE(is_running(slow)) << "more urgent, and told that its server is gone";
  EXPECT_EQ(status(slow), minus(Error::EPIPE));
  EXPECT_EQ(server.state(), ThreadState::Dead);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  EXPECT_EQ(status(reader), 0);
  EXPECT_THAT(console(), testing::HasSubstr("granary: silo server was stopped by the operator reader\r\n"));
  ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
  EXPECT_EQ(reader.general[6], static_cast<std::uint64_t>(abi::AuditLife::Killed));
  EXPECT_EQ(reader.general[9], reader.silo().id.value());
  EXPECT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {server.silo().id.value()}}),
            minus(Error::ENOENT));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_SILOS, {.handle = system, .words = {0}}), 0);
  const auto& gone = record<abi::SiloRecord>(server.silo().id.value());
  EXPECT_EQ(gone.state, static_cast<std::uint32_t>(abi::SiloState::Killed));
  EXPECT_EQ(gone.why, reader.silo().id.value());
  EXPECT_EQ(gone.live_threads, 0u);
}

TEST_F(ObserverCallsTest, an_operator_may_stop_its_own_silo) {
  begin();
  try {
    call(SystemCall::SYSTEM_KILL, {.handle = system, .words = {reader.silo().id.value()}});
  } catch (const fakes::IdleForever&) {
  }
  EXPECT_EQ(reader.silo().state(), abi::SiloState::Killed);
  EXPECT_EQ(reader.state(), ThreadState::Dead);
}

}  // namespace
}  // namespace kernel
