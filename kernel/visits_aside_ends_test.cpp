// SPDX-License-Identifier: Apache-2.0
//
// Visits that are put aside are not forgotten there: not behind four others, not when the port ends, and neither is the
// work that they leave.
#include "kernel/objects.hpp"
#include "kernel/silo_stop.hpp"
#include "kernel/visits_aside.hpp"
#include "test/fakes/two_cores.hpp"

namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using kernel::Thread;
using kernel::ThreadState;

class VisitsAsideEndsTest : public fakes::TwoCores {
 protected:
  VisitsAsideEndsTest() {
    const std::uint32_t of_meek = add_port(meek, "meek"), of_twin = add_port(twin, "twin");
    meek_port = grant_port_server(meek, of_meek);
    twin_port = grant_port_server(twin, of_twin);
    urgent_port = grant_port_server(urgent, add_port(urgent, "urgent"));
    for (unsigned i = 1; i < 5; ++i)
      callers.push_back(
          &add_thread(callers[0]->silo().id, "caller" + std::to_string(i), static_cast<std::uint8_t>(40 - i)));
    to_meek = grant_port_client(*callers[0], of_meek);
    to_twin = grant_port_client(*callers[0], of_twin);
  }
  /// The two less urgent ones wait for calls, and the urgent one runs.
  void begin() {
    start_both();
    call_by(urgent, SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
    while (running_on(0) == &meek || running_on(0) == &twin)
      call_by(*running_on(0), SystemCall::PORT_RECEIVE, {.handle = running_on(0) == &meek ? meek_port : twin_port});
    ASSERT_EQ(running_on(0), &urgent);
  }
  /// The core of the urgent thread hears no visitors any more.
  void disturb() {
    for (unsigned i = 0; i < 10; ++i) {
      call_by(*callers[0], SystemCall::PORT_CALL, {.handle = to_meek, .deadline = clock() + 1});
      deliver(0);
      fakes::advance(1);
      if (running_on(1) != callers[0]) timer_on(1);
    }
  }

  Thread& meek = add_program_on(0, "meek", 10);
  Thread& twin = add_program_on(0, "twin", 10);
  Thread& urgent = add_program_on(0, "urgent", 30);
  std::vector<Thread*> callers{&add_program_on(1, "callers", 40)};
  Thread& destroyer = add_program_on(1, "destroyer", 5);
  std::uint64_t meek_port = 0, twin_port = 0, urgent_port = 0, to_meek = 0, to_twin = 0;
};

TEST_F(VisitsAsideEndsTest, the_fifth_is_done_though_a_thread_runs_that_is_as_urgent) {
  begin();
  for (unsigned i = 0; i < 4; ++i) {
    call_by(*callers[i], SystemCall::PORT_CALL, {.handle = to_meek});
    settle();
  }
  call_by(*callers[4], SystemCall::PORT_CALL, {.handle = to_twin});
  settle();
  call_by(urgent, SystemCall::PORT_RECEIVE, {.handle = urgent_port});
  ASSERT_EQ(running_on(0), &meek);
  settle();  // the core has signalled itself
  EXPECT_EQ(callers[4]->waiting, ipc::Waiting::Reply);
  EXPECT_EQ(twin.state(), ThreadState::Ready);
}

TEST_F(VisitsAsideEndsTest, who_waits_aside_is_told_that_the_port_has_ended) {
  begin();
  call_by(*callers[0], SystemCall::PORT_CALL, {.handle = to_meek});
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
  call_by(*callers[0], SystemCall::PORT_CALL, {.handle = to_meek});
  settle();
  EXPECT_EQ(status(*callers[0]), minus(Error::EPIPE)) << "a new call to what is dead";
}

TEST_F(VisitsAsideEndsTest, work_of_a_visitor_that_was_not_heard_is_done) {
  begin();
  auto& port = static_cast<kernel::PortObject&>(*meek.silo().capabilities.lookup(meek_port).value()->object);
  const kernel::Grant right{&port, static_cast<std::uint64_t>(Right::PortDestroy), 0, 0};
  const std::uint64_t destroys = destroyer.silo().capabilities.insert(fakes::unlocked(), right).value();
  disturb();
  for (Thread* const caller : callers) call_by(*caller, SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(running_on(1), &destroyer);
  call_by(destroyer, SystemCall::PORT_DESTROY, {.handle = destroys});
  EXPECT_FALSE(deliver(0)) << "it is not heard";
  call_by(urgent, SystemCall::PORT_RECEIVE, {.handle = urgent_port});
  settle();
  EXPECT_FALSE(port.is_alive());
  EXPECT_EQ(status(meek), minus(Error::EPIPE));
}

TEST_F(VisitsAsideEndsTest, a_thread_that_a_visitor_has_woken_does_not_keep_the_work_of_another_one) {
  begin();
  auto& port = static_cast<kernel::PortObject&>(*meek.silo().capabilities.lookup(meek_port).value()->object);
  const kernel::Grant right{&port, static_cast<std::uint64_t>(Right::PortDestroy), 0, 0};
  const std::uint64_t destroys = destroyer.silo().capabilities.insert(fakes::unlocked(), right).value();
  disturb();
  call_by(*callers[0], SystemCall::PORT_CALL, {.handle = to_meek});
  for (std::size_t i = 1; i < callers.size(); ++i)
    call_by(*callers[i], SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(running_on(1), &destroyer);
  call_by(destroyer, SystemCall::PORT_DESTROY, {.handle = destroys});
  call_by(urgent, SystemCall::PORT_RECEIVE, {.handle = urgent_port});
  EXPECT_FALSE(meek.core().has_work() && meek.core().armed().is_forever()) << "work is left, and no time set for it";
}

}  // namespace
