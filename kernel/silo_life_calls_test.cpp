// SPDX-License-Identifier: Apache-2.0
//
// SYSTEM_START, SYSTEM_RESTART and SYSTEM_LIFE: results, refusals, and who waits for a start.
#include "test/fakes/kernel_world.hpp"

#include "kernel/audit.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

struct SiloLifeCallsTest : fakes::KernelWorld {
  Thread& boss = add_program("boss", 40);
  Thread& worker = add_program("worker", 20);
  Thread& other = add_program("other", 10);
  std::uint64_t own = worker.silo().id.value();
  std::uint64_t system =
      grant(boss, ObjectType::System, 0, {Right::SystemObserve, Right::SystemKill, Right::SystemStart});
};

TEST_F(SiloLifeCallsTest, a_silo_that_does_not_restart_is_started_by_its_operator) {
  start();
  EXPECT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {own}}), minus(Error::EEXIST));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_LIFE, {.handle = system, .words = {own}}), 0);
  EXPECT_EQ(boss.general[3], 0u);
  EXPECT_EQ(boss.general[4], 0u);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_START, {.handle = system, .words = {own}}), 0)
      << "though its end was not over: the call waits for that";
  EXPECT_EQ(worker.silo().state(), abi::SiloState::Running);
  EXPECT_EQ(worker.state(), ThreadState::Ready);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_LIFE, {.handle = system, .words = {own}}), 0);
  EXPECT_EQ(boss.general[3], 1u);
  EXPECT_EQ(boss.general[5], worker.silo().life.started.value());
  EXPECT_EQ(boss.general[6], static_cast<std::uint64_t>(abi::SiloState::Killed));
  EXPECT_EQ(boss.general[9], boss.silo().id.value());
}

TEST_F(SiloLifeCallsTest, a_restart_of_one_that_has_stopped_starts_it) {
  start();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(other));
  pass(100);
  ASSERT_TRUE(is_running(boss));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_RESTART, {.handle = system, .words = {own}}), 0);
  EXPECT_EQ(worker.silo().life.restarts, 1u);
}

TEST_F(SiloLifeCallsTest, bad_numbers_and_missing_rights) {
  const std::uint64_t blind = grant(other, ObjectType::System, 0, {Right::SystemKill});
  start();
  for (const SystemCall number : {SystemCall::SYSTEM_START, SystemCall::SYSTEM_RESTART, SystemCall::SYSTEM_LIFE}) {
    EXPECT_EQ(status_of(number, {.handle = system, .words = {silos().size()}}), minus(Error::EINVAL));
    EXPECT_EQ(status_of(number, {.handle = system, .words = {~std::uint64_t{0}}}), minus(Error::EINVAL));
  }
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(other));
  for (const SystemCall number : {SystemCall::SYSTEM_START, SystemCall::SYSTEM_RESTART, SystemCall::SYSTEM_LIFE})
    EXPECT_EQ(status_of(number, {.handle = blind, .words = {own}}), minus(Error::EPERM));
}

TEST_F(SiloLifeCallsTest, an_operator_restarts_its_own_silo) {
  start();
  call(SystemCall::SYSTEM_RESTART, {.handle = system, .words = {boss.silo().id.value()}});
  ASSERT_TRUE(is_running(boss)) << "the most urgent again";
  EXPECT_EQ(boss.program_counter, kText);
  EXPECT_EQ(boss.silo().life.restarts, 1u);
}

}  // namespace
}  // namespace kernel
