// SPDX-License-Identifier: Apache-2.0
//
// Interrupt lines: what they do to their notification, when they may fire again, and what ends with what. All of it
// both ways: by the short forms of interrupt and wait, and without.
#include "test/fakes/event_world.hpp"

#include "kernel/interrupt_objects.hpp"

namespace kernel {
namespace {

using base::Error;

constexpr base::InterruptId kLine{40};
constexpr base::InterruptId kOther{41};

class Lines : public fakes::EventWorld, public testing::WithParamInterface<bool> {
 protected:
  Thread& driver = add_program("driver", 20);
  Thread& low = add_program("low", 10);
  std::uint64_t line = add_line("line", kLine);
  std::uint64_t other = add_line("other", kOther);

  Lines() {
    fakes::set_now(1'000'000);
    tries_fast_path = GetParam();
  }

  std::uint64_t add_line(std::string_view name, base::InterruptId number, std::uint32_t rate = 1000,
                         std::uint32_t burst = 4) {
    const auto made = create_interrupt({name, driver.silo().id, number, port::Trigger::Level, rate, burst});
    EXPECT_TRUE(made.ok());
    return grant(driver, abi::ObjectType::Interrupt, made.value(), {Right::InterruptBind});
  }
  std::int64_t bind_line(std::uint64_t handle, std::uint64_t notification, std::uint64_t bits) {
    return status_of(Call::INTERRUPT_BIND, {.handle = handle, .words = {notification, bits}});
  }
  std::int64_t finish(std::uint64_t handle) {
    const Thread& caller = call(Call::INTERRUPT_FINISH, {.handle = handle});
    return status(caller) == 0 ? static_cast<std::int64_t>(caller.general[3]) : status(caller);
  }
  std::int64_t unbind_line(std::uint64_t handle) { return status_of(Call::INTERRUPT_UNBIND, {.handle = handle}); }
  std::uint64_t statistic(std::uint64_t handle, unsigned place) {
    return call(Call::INTERRUPT_STATS, {.handle = handle}).general[3 + place];
  }
  /// It fires at the running thread, as the controller would let it.
  void fire(base::InterruptId number) {
    ASSERT_TRUE(fakes::line(number).is_enabled && !fakes::line(number).is_active);
    fakes::raise_interrupt({port::InterruptKind::Line, number});
    interrupt();
    EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
  }
  void wait(std::uint64_t word, std::uint64_t mask) {
    call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {mask}});
  }
};

INSTANTIATE_TEST_SUITE_P(Ways, Lines, testing::Bool());

TEST_P(Lines, Q3_a_line_is_off_until_it_is_bound_and_after_it_is_unbound) {
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

TEST_P(Lines, Q3_what_cannot_be_bound_is_refused) {
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

TEST_P(Lines, Q4_the_driver_wakes_and_the_line_stays_active_until_it_waits_again) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b10);
  for (int i = 0; i < 3; ++i) {
    wait(word, 0b110);
    ASSERT_TRUE(is_running(low));
    EXPECT_FALSE(fakes::line(kLine).is_active);
    fire(kLine);
    ASSERT_TRUE(is_running(driver));
    EXPECT_EQ(status(driver), 0);
    EXPECT_EQ(driver.general[3], 0b10u);
    expect_clean(driver, {3});
    EXPECT_TRUE(fakes::line(kLine).is_active);
  }
  EXPECT_EQ(take(word, 0b100), minus(Error::EAGAIN));
  EXPECT_TRUE(fakes::line(kLine).is_active) << "it waits for something else";
  EXPECT_EQ(take(word, 0b10), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(statistic(line, 0), 3u);
  EXPECT_EQ(interrupts_taken_quickly, GetParam() ? 3u : 0u);
}

TEST_P(Lines, Q4_who_is_interrupted_goes_on_afterwards_with_all_its_registers) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  wait(word, 1);
  ASSERT_TRUE(is_running(low));
  for (unsigned i = 0; i < 31; ++i) low.general[i] = dirt(low, i);
  fire(kLine);
  wait(word, 1);
  ASSERT_TRUE(is_running(low));
  for (unsigned i = 0; i < 31; ++i) EXPECT_EQ(low.general[i], dirt(low, i)) << i;
}

TEST_P(Lines, Q4_what_fired_before_the_wait_is_not_finished_by_it) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  fire(kLine);
  EXPECT_EQ(take(word, 1), 1);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 1);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 0);
}

TEST_P(Lines, Q4_several_lines_of_one_notification_are_finished_each_by_its_bits) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b01);
  bind_line(other, word, 0b10);
  fire(kLine);
  fire(kOther);
  EXPECT_EQ(take(word), 0b11);
  EXPECT_EQ(take(word, 0b01), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_TRUE(fakes::line(kOther).is_active);
  fire(kLine);
  EXPECT_EQ(take(word, 0b11), 0b01);
  EXPECT_FALSE(fakes::line(kOther).is_active) << "that one had been seen";
  EXPECT_TRUE(fakes::line(kLine).is_active) << "this one had not";
}

TEST_P(Lines, Q4_a_line_of_several_bits_is_finished_by_waiting_for_any_that_was_taken) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 0b11);
  fire(kLine);
  EXPECT_EQ(take(word, 0b01), 0b01);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(take(word, 0b01), minus(Error::EAGAIN));
  EXPECT_FALSE(fakes::line(kLine).is_active);
}

TEST_P(Lines, Q5_a_line_beyond_its_limit_is_held_back_until_time_gives_more) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  for (int i = 0; i < 4; ++i) {
    wait(word, 1);
    fire(kLine);
  }
  console();
  wait(word, 1);
  EXPECT_TRUE(fakes::line(kLine).is_active) << "its burst is used up";
  ASSERT_TRUE(is_running(low));
  EXPECT_THAT(console(), testing::HasSubstr("interrupt line (40) of silo driver fires more than 1000 times a second"));
  pass(kFrequency / 1000 - 1);
  EXPECT_TRUE(fakes::line(kLine).is_active);
  pass(1);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  fire(kLine);
  ASSERT_TRUE(is_running(driver));
  wait(word, 1);
  EXPECT_TRUE(fakes::line(kLine).is_active) << "that was one more";
  EXPECT_THAT(console(), testing::Not(testing::HasSubstr("fires more than"))) << "it is said once";
  pass(kFrequency);
  fire(kLine);
  EXPECT_EQ(statistic(line, 0), 6u);
  EXPECT_EQ(statistic(line, 1), 2u);
}

TEST_P(Lines, Q5_a_line_that_is_held_back_can_be_unbound) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  for (int i = 0; i < 4; ++i) {
    fire(kLine);
    take(word, 1);
    finish(line);
  }
  EXPECT_TRUE(fakes::line(kLine).is_active);
  EXPECT_EQ(finish(line), 0);
  EXPECT_EQ(unbind_line(line), 0);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  EXPECT_EQ(bind_line(line, word, 1), 0);
}

TEST_P(Lines, Q3_it_ends_with_its_capability) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  bind_line(line, word, 1);
  close(word);
  fire(kLine);
  EXPECT_EQ(take(waiter), 1) << "the line keeps the notification able to be signalled";
  close(line);
  EXPECT_FALSE(fakes::line(kLine).is_enabled);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  EXPECT_EQ(take(waiter), minus(Error::EPIPE));
  close(waiter);
  expect_nothing_left(driver);
}

TEST_P(Lines, Q3_it_ends_with_its_notification) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  bind_line(other, word, 2);
  fire(kLine);
  close(word);
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kOther).is_enabled);
  EXPECT_FALSE(fakes::line(kLine).is_active);
  expect_nothing_left(driver);
  EXPECT_EQ(bind_line(line, new_notification(), 1), 0);
}

TEST_P(Lines, Q3_a_revoke_ends_its_right_to_signal) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t signaller = copy(word, bit(Right::NotificationSignal));
  bind_line(line, signaller, 1);
  fire(kLine);
  EXPECT_EQ(status_of(Call::HANDLE_REVOKE, {.handle = word}), 0);
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kLine).is_active);
  EXPECT_EQ(unbind_line(line), minus(Error::ENOENT));
}

TEST_P(Lines, Q3_it_ends_with_its_silo) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  fire(kLine);
  call(Call::EXIT);
  ASSERT_TRUE(is_running(low));
  EXPECT_FALSE(fakes::line(kLine).is_enabled || fakes::line(kLine).is_active);
}

TEST_P(Lines, Q3_one_that_nobody_has_is_turned_off_and_counted) {
  start();
  for (const std::uint32_t number : {40u, 42u, 1019u}) {
    fakes::raise_interrupt({port::InterruptKind::Line, base::InterruptId(number)});
    interrupt();
    EXPECT_FALSE(fakes::line(base::InterruptId(number)).is_enabled);
    EXPECT_EQ(fakes::unfinished_interrupts(), 0u);
  }
  EXPECT_EQ(silo_core().stray_interrupts(), 3u);
}

TEST_P(Lines, Q4_the_timer_comes_through_while_a_line_is_active) {
  start();
  const std::uint64_t word = new_notification();
  bind_line(line, word, 1);
  const std::uint64_t timer = new_timer(word, 2);
  set_timer(timer, clock() + 100);
  fire(kLine);
  EXPECT_EQ(take(word, 1), 1);
  pass(100);
  EXPECT_EQ(take(word, 2), 2);
}

TEST_P(Lines, Q3_a_silo_gets_a_line_once_and_only_what_is_one) {
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
