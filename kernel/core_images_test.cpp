// SPDX-License-Identifier: Apache-2.0
//
// SYSTEM_REPLACE at every moment of a silo's life: while it runs, ends, waits, is being loaded, is being stopped.
#include "test/fakes/image_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;
using Phase = SiloLife::Phase;

struct CoreImagesTest : fakes::ImageWorld {
  /// Somebody has asked for the other image, and nothing has been done about it.
  void request() {
    ASSERT_TRUE(request_image(silo, 1, idler.silo().id).ok());
    this_core().expect(silo, base::Ticks());
  }
  void sleep(std::uint64_t ticks) { call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + ticks}); }
};

TEST_F(CoreImagesTest, one_that_is_to_come_back_later_comes_back_now_with_it) {
  add_newer();
  start();
  sleep(1000);
  ASSERT_TRUE(is_running(worker));
  fault(read_fault(0xdead0000));
  ASSERT_TRUE(is_running(idler));
  EXPECT_EQ(silo.life.phase, Phase::Away) << "its back-off is longer than that";
  pass(1000);
  ASSERT_TRUE(is_running(boss));
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  EXPECT_EQ(silo.state(), abi::SiloState::Running);
  expect_newer();
  EXPECT_EQ(silo.life.restarts, 1u);
}

TEST_F(CoreImagesTest, a_damaged_one_does_not_keep_it_from_coming_back) {
  add_newer();
  start();
  code.back() ^= 1;
  sleep(1000);
  fault(read_fault(0xdead0000));
  pass(1000);
  ASSERT_TRUE(is_running(boss));
  EXPECT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), minus(Error::EBADMSG));
  EXPECT_EQ(silo.life.phase, Phase::Away);
  sleep(kBackoff);
  pass(kBackoff);
  sleep(kBackoff);
  EXPECT_EQ(silo.state(), abi::SiloState::Running);
  expect_older();
}

TEST_F(CoreImagesTest, it_ends_by_itself_while_the_image_is_being_looked_at) {
  add_newer();
  start();
  sleep(kForever - clock());
  ASSERT_TRUE(is_running(worker));
  request();
  fault(read_fault(0xdead0000));
  ASSERT_TRUE(is_running(worker)) << "who asked wants it at once, whatever the back-off";
  expect_newer();
  EXPECT_EQ(silo.life.restarts, 1u);
}

TEST_F(CoreImagesTest, also_one_that_would_not_come_back) {
  add_newer();
  silo.life.policy = {};
  start();
  sleep(kForever - clock());
  ASSERT_TRUE(is_running(worker));
  request();
  fault(read_fault(0xdead0000));
  EXPECT_FALSE(silo.images.is_wanted);
  ASSERT_TRUE(is_running(worker));
  expect_newer();
}

TEST_F(CoreImagesTest, an_operators_stop_is_newer_than_a_request) {
  add_newer();
  start();
  request();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  EXPECT_FALSE(silo.images.is_wanted);
  sleep(1000);
  ASSERT_TRUE(is_running(idler));
  EXPECT_EQ(silo.life.phase, Phase::Down);
  EXPECT_FALSE(silo.coming_node.is_linked());
  EXPECT_EQ(silo.images.next, 0u);
  pass(1000);
  ASSERT_EQ(status_of(SystemCall::SYSTEM_REPLACE, {.handle = system, .words = {own, 1}}), 0);
  expect_newer();
}

TEST_F(CoreImagesTest, so_is_that_of_one_that_is_away) {
  add_newer();
  start();
  sleep(1000);
  fault(read_fault(0xdead0000));
  pass(1000);
  ASSERT_EQ(silo.life.phase, Phase::Away);
  request();
  ASSERT_EQ(status_of(SystemCall::SYSTEM_KILL, {.handle = system, .words = {own}}), 0);
  sleep(1000);
  EXPECT_EQ(silo.life.phase, Phase::Down);
  EXPECT_FALSE(silo.images.is_wanted);
  EXPECT_EQ(silo.images.next, 0u);
  EXPECT_FALSE(silo.coming_node.is_linked());
}

TEST_F(CoreImagesTest, who_waits_for_the_image_may_end_meanwhile) {
  const std::uint64_t operate = grant(worker, abi::ObjectType::System, 0, {abi::Right::SystemStart});
  add_newer();
  start();
  sleep(kForever - clock());
  ASSERT_TRUE(is_running(worker));
  call(SystemCall::SYSTEM_REPLACE, {.handle = operate, .words = {own, 1}});  // of its own
  ASSERT_TRUE(is_running(worker)) << "it runs again";
  EXPECT_EQ(worker.program_counter, kOtherText + 8);
  EXPECT_TRUE(silo.images.replacers.is_empty());
  EXPECT_TRUE(silo.starters.is_empty());
  expect_newer();
}

}  // namespace
}  // namespace kernel
