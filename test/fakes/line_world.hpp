// SPDX-License-Identifier: Apache-2.0
//
// A kernel with a driver that has two interrupt lines, and a silo of less urgency. As a parameter: whether the short
// forms of interrupts and calls are tried first, as on the machine.
#pragma once

#include "test/fakes/event_world.hpp"

#include "kernel/interrupt_objects.hpp"

namespace fakes {

constexpr base::InterruptId kLine{40};
constexpr base::InterruptId kOther{41};

class LineWorld : public EventWorld, public testing::WithParamInterface<bool> {
 protected:
  kernel::Thread& driver = add_program("driver", 20);
  kernel::Thread& low = add_program("low", 10);
  std::uint64_t line = add_line("line", kLine);
  std::uint64_t other = add_line("other", kOther);

  LineWorld() {
    set_now(1'000'000);
    tries_fast_path = GetParam();
  }

  std::uint64_t add_line(std::string_view name, base::InterruptId number, std::uint32_t rate = 1000,
                         std::uint32_t burst = 4) {
    set_now(1'000'000);
    const auto made = kernel::create_interrupt({name, driver.silo().id, number, port::Trigger::Level, rate, burst});
    EXPECT_TRUE(made.ok());
    return grant(driver, abi::ObjectType::Interrupt, made.value(), {Right::InterruptBind});
  }
  std::int64_t bind_line(std::uint64_t handle, std::uint64_t notification, std::uint64_t bits) {
    return status_of(Call::INTERRUPT_BIND, {.handle = handle, .words = {notification, bits}});
  }
  std::int64_t finish(std::uint64_t handle) {
    const kernel::Thread& caller = call(Call::INTERRUPT_FINISH, {.handle = handle});
    return status(caller) == 0 ? static_cast<std::int64_t>(caller.general[3]) : status(caller);
  }
  std::int64_t unbind_line(std::uint64_t handle) { return status_of(Call::INTERRUPT_UNBIND, {.handle = handle}); }
  std::uint64_t statistic(std::uint64_t handle, unsigned place) {
    return call(Call::INTERRUPT_STATS, {.handle = handle}).general[3 + place];
  }
  /// It fires at the running thread, as the controller would let it.
  void fire(base::InterruptId number) {
    ASSERT_TRUE(fakes::line(number).is_enabled && !fakes::line(number).is_active);
    raise_interrupt({port::InterruptKind::Line, number});
    interrupt();
    EXPECT_EQ(unfinished_interrupts(), 0u);
  }
  void await(std::uint64_t word, std::uint64_t mask) {
    call(Call::NOTIFICATION_WAIT, {.handle = word, .words = {mask}});
  }
};

}  // namespace fakes
