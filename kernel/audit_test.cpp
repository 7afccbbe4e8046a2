// SPDX-License-Identifier: Apache-2.0
//
// The audit through real system calls: what is recorded, and what is not.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;

struct AuditTest : fakes::RecordWorld {};

TEST_F(AuditTest, N11_the_beginning_of_each_silo_is_recorded) {
  leave_the_reader();
  for (std::uint64_t silo = 0; silo < 3; ++silo) {
    ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
    EXPECT_EQ(reader.general[3], silo + 1);
    EXPECT_EQ(reader.general[5], silo | 2ull << 32 | 4ull << 40);
    EXPECT_EQ(reader.general[6], 1u);
  }
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), minus(Error::EAGAIN));
}

TEST_F(AuditTest, N11_defect_F4_every_kind_of_refusal_is_recorded_and_an_answer_is_not) {
  leave_the_reader();
  skip_audit();
  const auto refused = [&](Error error, abi::ObjectType type, std::uint64_t category = 1) {
    ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0) << static_cast<int>(error);
    EXPECT_EQ(reader.general[5], reader.silo().id.value() | category << 32 | static_cast<std::uint64_t>(type) << 40);
    EXPECT_EQ(reader.general[9], static_cast<std::uint64_t>(error));
  };
  call(SystemCall::PORT_RECEIVE, {.handle = reader_send});
  refused(Error::EPERM, abi::ObjectType::Port);
  EXPECT_EQ(reader.general[6], 202u);
  EXPECT_EQ(reader.general[10], reader_send);
  call(SystemCall::PORT_SEND, {.handle = 0x1234'0040});
  refused(Error::EBADF, abi::ObjectType::None);
  call(SystemCall::PORT_SEND, {.handle = reader_send, .flags = 1 << 8});
  refused(Error::EINVAL, abi::ObjectType::Port);
  call_number(4711);
  refused(Error::ENOSYS, abi::ObjectType::None);
  EXPECT_EQ(reader.general[10], 0u);
  for (int i = 0; i < 5; ++i) call(SystemCall::PORT_CREATE);
  refused(Error::EDQUOT, abi::ObjectType::None, 3);
  for (int i = 0; i < 16; ++i) call(SystemCall::PORT_TRY_SEND, {.handle = reader_send});
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = reader_send}), minus(Error::EAGAIN));
  EXPECT_FALSE(audit_is_readable());
}

TEST_F(AuditTest, N11_ends_of_silos_are_recorded_with_their_reason) {
  start();
  fault(read_fault(0xdead000));
  call(SystemCall::EXIT, {.x1 = 7});
  ASSERT_TRUE(is_running(reader));
  for (int i = 0; i < 3; ++i) call(SystemCall::AUDIT_READ, {.handle = audit});
  ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
  EXPECT_EQ(reader.general[6], 3u);
  EXPECT_EQ(reader.general[9], static_cast<std::uint64_t>(abi::FaultKind::Translation));
  EXPECT_EQ(reader.general[12], 0xdead000u);
  ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
  EXPECT_EQ(reader.general[6], 2u);
  EXPECT_EQ(reader.general[9], 7u);
}

TEST_F(AuditTest, N11_a_flood_of_denials_is_one_record_with_a_count) {
  leave_the_reader();
  skip_audit();
  for (int i = 0; i < 5000; ++i) call(SystemCall::PORT_SEND, {.handle = 0x40});
  ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
  EXPECT_EQ(reader.general[11], 4999u);
  ASSERT_EQ(status_of(SystemCall::AUDIT_STATS, {.handle = audit}), 0);
  EXPECT_EQ(reader.general[3], 4u);
  EXPECT_EQ(reader.general[4], 0u);
  EXPECT_EQ(reader.general[5], 0u);
  EXPECT_EQ(reader.general[6], 4999u);
}

TEST_F(AuditTest, N10_being_refused_by_the_rate_is_audited) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (int i = 0; i < 10; ++i) call(SystemCall::PORT_TRY_SEND, {.handle = slow_send});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  for (int i = 0; i < 4; ++i) call(SystemCall::AUDIT_READ, {.handle = audit});
  EXPECT_EQ(reader.general[5], slow.silo().id.value() | 1ull << 32 | 1ull << 40);
  EXPECT_EQ(reader.general[6], 240u);
  EXPECT_EQ(reader.general[9], 105u);
  EXPECT_EQ(reader.general[11], 6u);
}

TEST_F(AuditTest, N11_who_waits_for_the_audit_is_woken_by_the_next_denial) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + kFrequency});
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + kFrequency * 2});
  ASSERT_TRUE(is_running(reader));
  skip_audit();
  EXPECT_EQ(status_of(SystemCall::WAIT_ANY, {.x1 = 1, .words = {audit | 1}, .deadline = 0}), minus(Error::EAGAIN));
  fakes::advance(kFrequency);
  call(SystemCall::WAIT_ANY, {.x1 = 1, .words = {audit | 1}});
  ASSERT_TRUE(is_running(server));
  call(SystemCall::PORT_SEND, {.handle = 0x40});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  EXPECT_EQ(status(reader), 0);
  EXPECT_EQ(reader.general[3], 1u);
  EXPECT_EQ(status_of(SystemCall::WAIT_ANY, {.x1 = 1, .words = {audit | 1}, .deadline = 0}), 0);
}

}  // namespace
}  // namespace kernel
