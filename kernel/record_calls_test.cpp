// SPDX-License-Identifier: Apache-2.0
//
// The calls that read what is recorded, message rates and times of calls, through real system calls.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct RecordCallsTest : fakes::RecordWorld {};

TEST_F(RecordCallsTest, N11_the_audit_needs_its_right) {
  const std::uint64_t none = grant(slow, abi::ObjectType::Audit, 0, {Right::Duplicate});
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(slow));
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = none}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = slow_send}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = none, .words = {1}}), minus(Error::EPERM));
  EXPECT_FALSE(trace_is_on());
}

TEST_F(RecordCallsTest, N12_reading_leaves_no_record_and_gives_each_once_while_tracing_goes_on) {
  leave_the_reader();
  switch_trace(1);
  for (int i = 0; i < 3; ++i) call(SystemCall::NULL_CALL);
  std::uint64_t records = 0;
  while (status_of(SystemCall::TRACE_READ, {.handle = trace, .words = {0}}) == 0) {
    records += reader.general[1];
    ASSERT_LE(records, 8u);
  }
  EXPECT_EQ(records, 8u);
  ASSERT_EQ(status_of(SystemCall::TRACE_STATS, {.handle = trace, .words = {0}}), 0);
  EXPECT_EQ(reader.general[3], 8u);
  EXPECT_EQ(reader.general[4], 0u);
  EXPECT_EQ(reader.general[5], 1u);
  EXPECT_EQ(reader.general[6], 0u);
  EXPECT_EQ(status_of(SystemCall::TRACE_READ, {.handle = trace, .words = {1}}), minus(Error::EINVAL));
}

TEST_F(RecordCallsTest, N10_sends_and_calls_beyond_the_rate_are_refused_and_nothing_is_sent) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + kFrequency * 100});
  ASSERT_TRUE(is_running(slow));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(slow.silo().refused_calls, 3u);
  EXPECT_EQ(slow.silo().messages_sent, 3u);
  fakes::advance(kFrequency / 3 + 1);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), 0) << "time gives it back";
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
}

TEST_F(RecordCallsTest, N10_a_burst_beyond_what_the_interface_allows_is_refused_at_boot) {
  EXPECT_FALSE(kernel::create_silo({.name = "x",
                                    .argument = 0,
                                    .capability_slots = 8,
                                    .quotas = {},
                                    .rate = {.messages = 1, .bytes = 0, .burst = abi::kRateBurstMaximum + 1}})
                   .ok());
}

TEST_F(RecordCallsTest, Y7_D9_E12_times_of_calls_are_told_by_the_port) {
  start();
  // From the first question on they are measured.
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}}), 0);
  EXPECT_EQ(server.general[3], 0u);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::PORT_CALL, {.handle = reader_send});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  fakes::advance(1000);
  call(SystemCall::PORT_REPLY, {.token = token});
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}}), 0);
  const std::uint64_t wanted[] = {1, 1000, 1000, 1000};
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(server.general[3 + i], wanted[i]);
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {1}}), 0);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_EQ(server.general[6], 0u);
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 8}}), 0);
  EXPECT_EQ(server.general[4], 1u) << "bucket 9";
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {2}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 40}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 39}}), 0);
  for (const unsigned i : {4u, 5u, 6u, 9u, 12u}) EXPECT_EQ(server.general[i], 0u) << "beyond the last one";
}

TEST_F(RecordCallsTest, Y7_a_question_that_is_refused_begins_no_measuring) {
  start();
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {2}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 40}}), minus(Error::EINVAL));
  EXPECT_FALSE(port_of(*server.silo().capabilities.lookup(receive).value()).measures_times);
}

}  // namespace
}  // namespace kernel
