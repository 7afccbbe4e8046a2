// SPDX-License-Identifier: Apache-2.0
//
// Visits that are put aside are not forgotten there: not behind four others, not when the port ends, and neither is the
// work that they leave.
#include "kernel/objects.hpp"
#include "kernel/silo_stop.hpp"
#include "kernel/visits_aside.hpp"
#include "test/fakes/visited_core.hpp"

namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using kernel::Thread;
using kernel::ThreadState;

class VisitsAsideEndsTest : public fakes::VisitedCore {
 protected:
  VisitsAsideEndsTest() {
    const std::uint32_t of_twin = add_port(twin, "twin");
    twin_port = grant_port_server(twin, of_twin);
    to_twin = grant_port_client(*callers[0], of_twin);
  }
  void begin_both() { begin({{&meek, meek_port}, {&twin, twin_port}}); }

  Thread& twin = add_program_on(0, "twin", 10);
  Thread& destroyer = add_program_on(1, "destroyer", 5);
  std::uint64_t twin_port = 0, to_twin = 0;
};

TEST_F(VisitsAsideEndsTest, the_fifth_is_done_though_a_thread_runs_that_is_as_urgent) {
  begin_both();
  for (unsigned i = 0; i < 4; ++i) {
    call_meek(*callers[i]);
    settle();
  }
  call_by(*callers[4], SystemCall::PORT_CALL, {.handle = to_twin});
  settle();
  urgent_waits();
  ASSERT_EQ(running_on(0), &meek);
  settle();  // the core has signalled itself
  EXPECT_EQ(callers[4]->waiting, ipc::Waiting::Reply);
  EXPECT_EQ(twin.state(), ThreadState::Ready);
}

TEST_F(VisitsAsideEndsTest, who_waits_aside_is_told_that_the_port_has_ended) {
  begin_both();
  call_meek(*callers[0]);
  settle();
  ASSERT_EQ(callers[0]->waiting, ipc::Waiting::Queue);
  fakes::set_current_core(base::CoreId(0));
  ASSERT_TRUE(kernel::kill_silo(urgent, meek.silo()).ok());
  for (int i = 0; i < 200; ++i) {
    fakes::advance(10'000);
    timer_on(0);
    settle();
  }
  EXPECT_EQ(running_on(0), &urgent);
  EXPECT_EQ(meek.state(), ThreadState::Dead);
  EXPECT_EQ(status(*callers[0]), minus(Error::EPIPE));
  call_meek(*callers[0]);
  settle();
  EXPECT_EQ(status(*callers[0]), minus(Error::EPIPE)) << "a new call to what is dead";
}

TEST_F(VisitsAsideEndsTest, work_of_a_visitor_that_was_not_heard_is_done) {
  begin_both();
  auto& port = static_cast<kernel::PortObject&>(*meek.silo().capabilities.lookup(meek_port).value()->object);
  const kernel::Grant right{&port, static_cast<std::uint64_t>(Right::PortDestroy), 0, 0};
  const std::uint64_t destroys = destroyer.silo().capabilities.insert(fakes::unlocked(), right).value();
  disturb(10);
  for (Thread* const caller : callers) call_by(*caller, SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(running_on(1), &destroyer);
  call_by(destroyer, SystemCall::PORT_DESTROY, {.handle = destroys});
  EXPECT_FALSE(deliver(0)) << "it is not heard";
  urgent_waits();
  settle();
  EXPECT_FALSE(port.is_alive());
  EXPECT_EQ(status(meek), minus(Error::EPIPE));
}

TEST_F(VisitsAsideEndsTest, a_thread_that_a_visitor_has_woken_does_not_keep_the_work_of_another_one) {
  begin_both();
  auto& port = static_cast<kernel::PortObject&>(*meek.silo().capabilities.lookup(meek_port).value()->object);
  const kernel::Grant right{&port, static_cast<std::uint64_t>(Right::PortDestroy), 0, 0};
  const std::uint64_t destroys = destroyer.silo().capabilities.insert(fakes::unlocked(), right).value();
  disturb(10);
  call_meek(*callers[0]);
  for (std::size_t i = 1; i < callers.size(); ++i)
    call_by(*callers[i], SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(running_on(1), &destroyer);
  call_by(destroyer, SystemCall::PORT_DESTROY, {.handle = destroys});
  urgent_waits();
  EXPECT_FALSE(meek.core().has_work() && meek.core().armed().is_forever()) << "work is left, and no time set for it";
}

TEST_F(VisitsAsideEndsTest, work_of_a_visitor_from_aside_is_begun_before_a_thread_runs) {
  auto& port = static_cast<kernel::PortObject&>(*meek.silo().capabilities.lookup(meek_port).value()->object);
  start_both();
  const kernel::Grant right{&port, static_cast<std::uint64_t>(Right::PortDestroy), 0, 0};
  const std::uint64_t destroys = destroyer.silo().capabilities.insert(fakes::unlocked(), right).value();
  for (Thread* const caller : callers) call_by(*caller, SystemCall::PORT_CALL, {.handle = to_urgent});
  ASSERT_EQ(running_on(1), &destroyer);
  call_by(destroyer, SystemCall::PORT_DESTROY, {.handle = destroys});
  settle();
  ASSERT_EQ(running_on(0), &urgent);
  EXPECT_TRUE(port.is_alive()) << "the visit is aside";
  call_by(urgent, SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  ASSERT_NE(running_on(0), nullptr);
  EXPECT_FALSE(port.is_alive());
  const base::Ticks a_step(clock() + 100 * port::clock_frequency() / 1'000'000);
  EXPECT_TRUE(!meek.core().has_work() || meek.core().armed() <= a_step) << "work is left, and it is to get a step soon";
}

}  // namespace
