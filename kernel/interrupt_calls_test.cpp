// SPDX-License-Identifier: Apache-2.0
//
// What the calls about interrupt lines refuse, and that a line is off until it is bound.
#include "test/fakes/line_world.hpp"

namespace kernel {
namespace {

using base::Error;
using fakes::kLine;
using fakes::kOther;

class LineCalls : public fakes::LineWorld {};

INSTANTIATE_TEST_SUITE_P(Ways, LineCalls, testing::Bool());

TEST_P(LineCalls, Q3_a_line_is_off_until_it_is_bound_and_after_it_is_unbound) {
  start();
  EXPECT_FALSE(fakes::line(kLine).is_enabled);
  const std::uint64_t word = new_notification();
  EXPECT_EQ(bind_line(line, word, 1), 0);
  EXPECT_TRUE(fakes::line(kLine).is_enabled);
  EXPECT_EQ(fakes::line(kLine).core, base::CoreId(0));
  EXPECT_EQ(unbind_line(line), 0);
  EXPECT_FALSE(fakes::line(kLine).is_enabled);
  EXPECT_EQ(unbind_line(line), minus(Error::ENOENT));
  close(word);
  expect_nothing_left(driver);
}

TEST_P(LineCalls, Q3_what_cannot_be_bound_is_refused) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  EXPECT_EQ(bind_line(line, word, 0), minus(Error::EINVAL));
  EXPECT_EQ(bind_line(line, waiter, 1), minus(Error::EPERM));
  EXPECT_EQ(bind_line(line, line, 1), minus(Error::EPERM));
  EXPECT_EQ(bind_line(line, 0, 1), minus(Error::EBADF));
  EXPECT_EQ(bind_line(word, word, 1), minus(Error::EPERM));
  EXPECT_EQ(bind_line(line, word, 1), 0);
  EXPECT_EQ(bind_line(line, word, 2), minus(Error::EEXIST));
  EXPECT_FALSE(fakes::line(kOther).is_enabled);
}

TEST_P(LineCalls, Q3_a_silo_gets_a_line_once_and_only_what_is_one) {
  const base::SiloId id = driver.silo().id;
  const auto make = [&](std::uint32_t number, std::uint32_t rate, std::uint32_t burst) {
    return create_interrupt({"more", id, base::InterruptId(number), port::Trigger::Edge, rate, burst}).error();
  };
  EXPECT_EQ(make(40, 1, 1), Error::EEXIST);
  EXPECT_EQ(make(31, 1, 1), Error::EINVAL);
  EXPECT_EQ(make(256, 1, 1), Error::EINVAL) << "the fake has that many";
  EXPECT_EQ(make(50, 0, 1), Error::EINVAL);
  EXPECT_EQ(make(50, 1, 0), Error::EINVAL);
  EXPECT_EQ(make(50, abi::kInterruptRateMaximum + 1, 1), Error::EINVAL);
}

}  // namespace
}  // namespace kernel
