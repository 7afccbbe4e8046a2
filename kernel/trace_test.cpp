// SPDX-License-Identifier: Apache-2.0
//
// The switch of tracing, and the vectors that it selects.
#include "test/fakes/capability_world.hpp"
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;

struct TraceTest : fakes::RecordWorld {};

TEST_F(TraceTest, N12_tracing_is_off_until_it_is_turned_on_and_costs_other_vectors_only) {
  leave_the_reader();
  call(SystemCall::NULL_CALL);
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
  EXPECT_FALSE(fakes::uses_traced_entries());
  switch_trace(1);
  EXPECT_TRUE(fakes::uses_traced_entries());
  switch_trace(0);
  EXPECT_FALSE(fakes::uses_traced_entries());
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {2}}), minus(Error::EINVAL));
}

TEST_F(TraceTest, N12_without_a_capability_to_it_there_is_no_trace) {
  fakes::initialize_kernel(kArenaPages);
  EXPECT_FALSE(trace_is_on());
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
}

/// What a capability is given by, other than a call that says so: a message, a name.
struct TracedGrants : fakes::CapabilityWorld {
  std::uint64_t trace = grant(client, abi::ObjectType::Trace, 0, {abi::Right::TraceControl});

  TracedGrants() {
    EXPECT_TRUE(permit_publishing("storage", server.silo().id).ok());
    EXPECT_TRUE(permit_connecting("storage", client.silo().id, 42).ok());
  }
  fakes::CallRegisters named_storage(std::uint64_t handle = 0, std::uint64_t deadline = 0) {
    const std::uint64_t storage = 0x65'67'61'72'6f'74'73;
    return {.handle = handle, .words = {storage, 0, 0, 0, 0, 0, 0, 0}, .deadline = deadline};
  }
  void begin() { ASSERT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {1}}), 0); }
  /// The one that has been recorded since the last time.
  abi::TraceRecord grant_found() {
    abi::TraceRecord found{}, pair[2];
    int count = 0;
    for (std::uint32_t taken = take_trace(0, pair); taken != 0; taken = take_trace(0, pair)) {
      for (std::uint32_t i = 0; i < taken; ++i) {
        if (pair[i].event != static_cast<std::uint8_t>(abi::TraceEvent::CapabilityGrant)) continue;
        found = pair[i];
        ++count;
      }
    }
    EXPECT_EQ(count, 1);
    return found;
  }
  void expect_grant(const Thread& receiver, std::uint64_t handle) {
    const abi::TraceRecord found = grant_found();
    EXPECT_EQ(found.silo, receiver.silo().id.value());
    EXPECT_EQ(found.data[0], 0u);
    EXPECT_EQ(found.data[1], handle);
    EXPECT_NE(handle, 0u);
  }
};

TEST_F(TracedGrants, N12_what_a_message_brings_is_given_to_who_receives_it) {
  start();
  server_waits();
  begin();
  const std::uint64_t gift = own_port();
  call(SystemCall::PORT_SEND, carrying(send, gift, fakes::kSendCall));
  ASSERT_TRUE(is_running(server));
  expect_grant(server, server.general[6]);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(SystemCall::PORT_SEND, carrying(send, gift, fakes::kSendCall));
  pass(2000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = receive}), 0);
  expect_grant(server, server.general[6]);
}

TEST_F(TracedGrants, N12_what_a_name_gives_is_given_to_who_connects_at_once_and_later) {
  start();
  const std::uint64_t port = own_port();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  begin();
  call(SystemCall::NAME_CONNECT, named_storage(0, kForever));
  pass(2000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::NAME_PUBLISH, named_storage(port)), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(client));
  expect_grant(client, client.general[3]);
  EXPECT_EQ(status_of(SystemCall::NAME_CONNECT, named_storage()), 0);
  expect_grant(client, client.general[3]);
}

}  // namespace
}  // namespace kernel
