// SPDX-License-Identifier: Apache-2.0
//
// Audit, trace, rates and times of calls through real system calls.
#include "test/fakes/kernel_world.hpp"

#include "kernel/audit.hpp"
#include "kernel/trace.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using abi::TraceEvent;
using base::Error;

struct RecordCallsTest : fakes::KernelWorld {
  Thread& reader = add_program("reader", 10);
  Thread& server = add_program("server", 30);
  Thread& slow = add_thread(add_silo("slow", 64, {.messages = 3, .bytes = 0, .burst = 1}), "slow", 20);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t slow_send = grant_port_client(slow, port, 5);
  std::uint64_t reader_send = grant_port_client(reader, port, 6);
  std::uint64_t audit = grant(reader, abi::ObjectType::Audit, 0, {Right::AuditRead});
  std::uint64_t trace = grant(reader, abi::ObjectType::Trace, 0, {Right::TraceRead, Right::TraceControl});

  /// The reader alone runs.
  void leave_the_reader() {
    start();
    while (!is_running(reader)) call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  }
  /// Reads the life of the silos so far.
  void skip_audit() {
    while (status_of(SystemCall::AUDIT_READ, {.handle = audit}) == 0) {
    }
  }
  std::vector<abi::TraceRecord> read_trace() {
    std::vector<abi::TraceRecord> all;
    abi::TraceRecord pair[2];
    for (std::uint32_t count = take_trace(0, pair); count != 0; count = take_trace(0, pair))
      all.insert(all.end(), pair, pair + count);
    return all;
  }
  void switch_trace(std::uint64_t state) {
    ASSERT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {state}}), 0);
  }
  static std::vector<TraceEvent> kinds(const std::vector<abi::TraceRecord>& records) {
    std::vector<TraceEvent> result;
    for (const abi::TraceRecord& record : records) result.push_back(static_cast<TraceEvent>(record.event));
    return result;
  }
};

TEST_F(RecordCallsTest, N11_the_beginning_of_each_silo_is_recorded) {
  leave_the_reader();
  for (std::uint64_t silo = 0; silo < 3; ++silo) {
    ASSERT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), 0);
    EXPECT_EQ(reader.general[3], silo + 1);
    EXPECT_EQ(reader.general[5], silo | 2ull << 32 | 4ull << 40);
    EXPECT_EQ(reader.general[6], 1u);
  }
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = audit}), minus(Error::EAGAIN));
}

TEST_F(RecordCallsTest, N11_every_kind_of_refusal_is_recorded_and_an_answer_is_not) {
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

TEST_F(RecordCallsTest, N11_ends_of_silos_are_recorded_with_their_reason) {
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

TEST_F(RecordCallsTest, N11_a_flood_of_denials_is_one_record_with_a_count) {
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

TEST_F(RecordCallsTest, N11_the_audit_needs_its_right) {
  const std::uint64_t none = grant(slow, abi::ObjectType::Audit, 0, {Right::Duplicate});
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(slow));
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = none}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::AUDIT_READ, {.handle = slow_send}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = none, .words = {1}}), minus(Error::EPERM));
  EXPECT_FALSE(trace_is_on());
}

TEST_F(RecordCallsTest, N12_tracing_is_off_until_it_is_turned_on_and_costs_other_vectors_only) {
  leave_the_reader();
  call(SystemCall::NULL_CALL);
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
  EXPECT_FALSE(fakes::uses_traced_entries());
  switch_trace(1);
  EXPECT_TRUE(fakes::uses_traced_entries());
  switch_trace(0);
  EXPECT_FALSE(fakes::uses_traced_entries());
  EXPECT_EQ(status_of(SystemCall::TRACE_CONTROL, {.handle = trace, .words = {2}}), minus(Error::EINVAL));
}

TEST_F(RecordCallsTest, N12_a_call_is_entry_and_exit_with_number_handle_and_status) {
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

TEST_F(RecordCallsTest, N12_reading_leaves_no_record_and_gives_each_once_while_tracing_goes_on) {
  leave_the_reader();
  switch_trace(1);
  for (int i = 0; i < 3; ++i) call(SystemCall::NULL_CALL);
  std::uint64_t records = 0;
  while (status_of(SystemCall::TRACE_READ, {.handle = trace, .words = {0}}) == 0) {
    records += reader.general[1];
    ASSERT_LE(records, 8u);
  }
  EXPECT_EQ(records, 8u);
  ASSERT_EQ(status_of(SystemCall::TRACE_STATS, {.handle = trace, .words = {0}}), 0);
  EXPECT_EQ(reader.general[3], 8u);
  EXPECT_EQ(reader.general[4], 0u);
  EXPECT_EQ(reader.general[5], 1u);
  EXPECT_EQ(reader.general[6], 0u);
  EXPECT_EQ(status_of(SystemCall::TRACE_READ, {.handle = trace, .words = {1}}), minus(Error::EINVAL));
}

TEST_F(RecordCallsTest, N12_a_call_to_a_waiting_server_shows_who_ran_and_how_it_went) {
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
  const std::vector<TraceEvent> wanted = {
      TraceOn,      SchedSwitchIn, SyscallEntry,   IpcFastSend,  IpcFastReceive, Wake,         SyscallExit,   Block,
      SchedSwitchOut, SchedSwitchIn, SyscallEntry, IpcFastSend,  Wake,           SyscallExit,  SyscallExit,
      SyscallEntry, IpcSlowPath,   Block,          SchedSwitchOut, SchedSwitchIn};
  const auto all = read_trace();
  EXPECT_EQ(kinds(all), wanted);
  EXPECT_EQ(all[3].data[0], trace_name(server));
  EXPECT_EQ(all[4].data[0], 6u) << "the badge";
}

TEST_F(RecordCallsTest, N12_faults_stops_interrupts_and_idling_are_events) {
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

TEST_F(RecordCallsTest, N12_without_a_capability_to_it_there_is_no_trace) {
  fakes::initialize_kernel(kArenaPages);
  EXPECT_FALSE(trace_is_on());
  EXPECT_EQ(trace_statistics(0).recorded, 0u);
}

TEST_F(RecordCallsTest, N10_sends_and_calls_beyond_the_rate_are_refused_and_nothing_is_sent) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + kFrequency * 100});
  ASSERT_TRUE(is_running(slow));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = slow_send}), minus(Error::ENOBUFS));
  EXPECT_EQ(slow.silo().refused_calls, 3u);
  EXPECT_EQ(slow.silo().messages_sent, 3u);
  fakes::advance(kFrequency / 3 + 1);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), 0) << "time gives it back";
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = slow_send}), minus(Error::ENOBUFS));
}

TEST_F(RecordCallsTest, N10_a_burst_beyond_what_the_interface_allows_is_refused_at_boot) {
  EXPECT_FALSE(kernel::create_silo({.name = "x", .argument = 0, .capability_slots = 8, .quotas = {},
                                    .rate = {.messages = 1, .bytes = 0, .burst = abi::kRateBurstMaximum + 1}})
                   .ok());
}

TEST_F(RecordCallsTest, N10_being_refused_by_the_rate_is_audited) {
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

TEST_F(RecordCallsTest, D9_times_of_calls_are_told_by_the_port) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::PORT_CALL, {.handle = reader_send});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  fakes::advance(1000);
  call(SystemCall::PORT_REPLY, {.token = token});
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}}), 0);
  const std::uint64_t wanted[] = {1, 1000, 1000, 1000};
  for (unsigned i = 0; i < 4; ++i) EXPECT_EQ(server.general[3 + i], wanted[i]);
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {1}}), 0);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_EQ(server.general[6], 0u);
  ASSERT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 8}}), 0);
  EXPECT_EQ(server.general[4], 1u) << "bucket 9";
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {2}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 40}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_HISTOGRAM, {.handle = receive, .words = {0, 39}}), 0);
  for (const unsigned i : {4u, 5u, 6u, 9u, 12u}) EXPECT_EQ(server.general[i], 0u) << "beyond the last one";
}

}  // namespace
}  // namespace kernel
