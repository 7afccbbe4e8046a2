// SPDX-License-Identifier: Apache-2.0
//
// What the entries record while tracing is on, event by event.
#include "test/fakes/record_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using abi::TraceEvent;
using base::Error;

struct TracedEntryTest : fakes::RecordWorld {};

TEST_F(TracedEntryTest, N12_a_call_is_entry_and_exit_with_number_handle_and_status) {
  leave_the_reader();
  switch_trace(1);
  call(SystemCall::NULL_CALL, {.handle = 99});
  call(SystemCall::PORT_RECEIVE, {.handle = 0x40});
  const auto all = read_trace();
  const std::vector<TraceEvent> wanted = {TraceEvent::TraceOn,     TraceEvent::SchedSwitchIn, TraceEvent::SyscallEntry,
                                          TraceEvent::SyscallExit, TraceEvent::SyscallEntry,  TraceEvent::SyscallExit};
  ASSERT_EQ(kinds(all), wanted);
  EXPECT_EQ(all[2].data[1], 99u);
  EXPECT_EQ(all[4].data[0], 202u);
  EXPECT_EQ(static_cast<std::int64_t>(all[5].data[1]), minus(Error::EBADF));
  EXPECT_EQ(all[5].silo, reader.silo().id.value());
}

TEST_F(TracedEntryTest, N12_F8_a_call_to_a_waiting_server_shows_who_ran_and_how_it_went) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(reader));
  switch_trace(1);
  call(SystemCall::PORT_CALL, {.handle = reader_send});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  call(SystemCall::PORT_REPLY, {.token = token});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(reader));
  using enum TraceEvent;
  const std::vector<TraceEvent> wanted = {TraceOn,      SchedSwitchIn, SyscallEntry, IpcFastSend,    IpcFastReceive,
                                          Wake,         SyscallExit,   Block,        SchedSwitchOut, SchedSwitchIn,
                                          SyscallEntry, IpcFastSend,   Wake,         SyscallExit,    SyscallExit,
                                          SyscallEntry, IpcSlowPath,   Block,        SchedSwitchOut, SchedSwitchIn};
  const auto all = read_trace();
  EXPECT_EQ(kinds(all), wanted);
  EXPECT_EQ(all[3].data[0], trace_name(server));
  EXPECT_EQ(all[4].data[0], 6u) << "the badge";
}

TEST_F(TracedEntryTest, N12_faults_stops_interrupts_and_idling_are_events) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(slow));
  set_tracing(true, slow);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(reader));
  pass(2000);
  ASSERT_TRUE(is_running(slow));
  fault(read_fault(0x999000));
  ASSERT_TRUE(is_running(reader));
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  const auto all = kinds(read_trace());
  for (const TraceEvent wanted : {TraceEvent::Interrupt, TraceEvent::TimerExpiry, TraceEvent::Wake,
                                  TraceEvent::PageFault, TraceEvent::SiloStop, TraceEvent::Idle}) {
    EXPECT_NE(std::find(all.begin(), all.end(), wanted), all.end()) << static_cast<int>(wanted);
  }
  EXPECT_EQ(std::count(all.begin(), all.end(), TraceEvent::SyscallEntry), 2);
  EXPECT_EQ(std::count(all.begin(), all.end(), TraceEvent::SyscallExit), 2) << "a sleep ends as well";
}

}  // namespace
}  // namespace kernel
