// SPDX-License-Identifier: Apache-2.0
//
// What a timer and its notification mean for each other's life, and how many timers there can be.
#include "test/fakes/event_world.hpp"

namespace kernel {
namespace {

using base::Error;

struct TimerObjects : fakes::EventWorld {
  Thread& high = add_program("high", 20);
  Thread& low = add_program("low", 10);
  TimerObjects() { fakes::set_now(1'000'000); }
};

TEST_F(TimerObjects, C9_a_timer_keeps_its_notification_able_to_be_signalled) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t timer = new_timer(word);
  const std::uint64_t waiter = copy(word, bit(Right::NotificationWait));
  close(word);
  EXPECT_EQ(take(waiter), minus(Error::EAGAIN)) << "and not EPIPE";
  set_timer(timer, clock() + 10);
  pass(10);
  EXPECT_EQ(take(waiter), 1);
  close(timer);
  EXPECT_EQ(take(waiter), minus(Error::EPIPE));
  close(waiter);
  expect_nothing_left(high);
}

TEST_F(TimerObjects, C9_a_timer_ends_with_its_notification) {
  start();
  const std::uint64_t word = new_notification();
  std::vector<std::uint64_t> timers;
  for (int i = 0; i < 20; ++i) timers.push_back(new_timer(word));
  for (const std::uint64_t timer : timers) set_timer(timer, clock() + kFrequency, kPeriod);
  close(word);
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "none runs any more";
  EXPECT_EQ(used(high, abi::QuotaKind::Notifications), 0u);
  EXPECT_EQ(used(high, abi::QuotaKind::Timers), 20u) << "each has its capability";
  EXPECT_EQ(set_timer(timers[0], 0), minus(Error::EPIPE));
  for (const std::uint64_t timer : timers) close(timer);
  expect_nothing_left(high);
}

TEST_F(TimerObjects, N2_a_revoke_stops_what_was_made_with_a_right_to_signal_for_good) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t signaller =
      copy(word, bit(Right::NotificationSignal) | bit(Right::Duplicate) | bit(Right::Revoke));
  const std::uint64_t closed = copy(signaller, bit(Right::NotificationSignal));
  const std::uint64_t deeper = copy(signaller, bit(Right::NotificationSignal));
  const std::uint64_t kept = new_timer(word, 0b1);
  std::vector<std::uint64_t> timers{new_timer(signaller, 0b10), new_timer(closed, 0b100)};
  for (int i = 0; i < 15; ++i) timers.push_back(new_timer(deeper, 0b1000));
  close(closed);
  close(timers.back());  // one has ended before
  timers.pop_back();
  for (const std::uint64_t timer : timers) set_timer(timer, clock() + 10, kPeriod);
  EXPECT_EQ(status_of(Call::HANDLE_REVOKE, {.handle = signaller}), 0);
  EXPECT_EQ(high.general[3], 1u) << "it is capabilities that are counted";
  EXPECT_TRUE(fakes::armed_timer().is_forever()) << "none runs any more";
  for (const std::uint64_t timer : timers) EXPECT_EQ(set_timer(timer, clock() + 10), minus(Error::EPIPE));
  EXPECT_EQ(set_timer(kept, clock() + 10), 0) << "made with what was not revoked";
  EXPECT_EQ(set_timer(new_timer(signaller, 0b10), clock() + 10), 0) << "the right itself is still there";
  pass(10);
  EXPECT_EQ(take(word), 0b11);
  EXPECT_EQ(used(high, abi::QuotaKind::Timers), 18u) << "each has its capability";
  for (const std::uint64_t timer : timers) close(timer);
  EXPECT_EQ(status_of(Call::HANDLE_REVOKE, {.handle = word}), 0);
  EXPECT_EQ(set_timer(kept, clock() + 10), minus(Error::EPIPE));
  call(Call::EXIT);
  pass(kFrequency);
  expect_nothing_left(high);
}

TEST_F(TimerObjects, N2_nothing_is_given_a_right_to_signal_while_a_revoke_goes_on) {
  start();
  const std::uint64_t word = new_notification();
  const std::uint64_t gate = new_semaphore();
  ipc::Object& object = *high.silo().capabilities.lookup(word).value()->object;
  object.is_revoking = true;
  EXPECT_EQ(status_of(Call::TIMER_CREATE, {.words = {word, 1}}), minus(Error::EBUSY));
  EXPECT_EQ(bind(gate, word, 1), minus(Error::EBUSY));
  object.is_revoking = false;
  EXPECT_EQ(used(high, abi::QuotaKind::Timers) + used(high, abi::QuotaKind::Bindings), 0u);
  EXPECT_EQ(bind(gate, word, 1), 0);
}

TEST_F(TimerObjects, C9_a_silo_that_dies_leaves_no_timer_behind) {
  start();
  const std::uint64_t word = new_notification();
  for (int i = 0; i < 5; ++i) set_timer(new_timer(word), clock() + 100, kPeriod);
  call(Call::EXIT);
  EXPECT_TRUE(is_running(low));
  pass(kFrequency);  // the console's last words
  EXPECT_TRUE(fakes::armed_timer().is_forever());
  expect_nothing_left(high);
}

TEST(TimerMaximum, defect_A4_more_timers_than_the_queue_holds_are_refused_at_boot) {
  fakes::initialize_kernel(512);
  const auto make = [](std::string_view name, std::uint32_t timers) {
    abi::Quotas quotas;
    quotas[abi::QuotaKind::Timers] = timers;
    return create_silo({.name = name, .argument = 0, .capability_slots = 8, .quotas = quotas});
  };
  EXPECT_TRUE(make("many", abi::kTimersMaximum - 1).ok());
  EXPECT_EQ(make("too_many", 2).error(), Error::ENOSPC);
  EXPECT_TRUE(make("one_more", 1).ok());
}

}  // namespace
}  // namespace kernel
