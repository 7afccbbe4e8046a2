// SPDX-License-Identifier: Apache-2.0
//
// What the fast path takes and what it leaves: each of its conditions alone, by the model of the assembly
// (test/fakes/fast_path_model.hpp), and the predicate of the C++ path that the condition stands for
// (kernel/direct_call.hpp).
#include "test/fakes/host_prelude.hpp"

#include "kernel/direct_call.hpp"
#include "kernel/message_registers.hpp"
#include "test/fakes/direct_world.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::CallRegisters;

struct DirectCallTest : fakes::DirectWorld {
  bool calls_directly(const CallRegisters& registers) { return is_direct(SystemCall::PORT_CALL, registers); }
  bool answers_directly(const CallRegisters& registers) {
    return is_direct(SystemCall::PORT_REPLY_AND_RECEIVE, registers);
  }
  /// What the C++ path finds behind a handle of the client.
  base::Result<Capability*> found(std::uint64_t handle) {
    return client.silo().capabilities.lookup(handle, Right::PortCall);
  }
  void expect_registers(const Thread& thread, std::initializer_list<std::uint64_t> expected) {
    unsigned i = 0;
    for (const std::uint64_t value : expected) {
      EXPECT_EQ(thread.general[i], value) << "x" << i;
      ++i;
    }
    for (; i <= 18; ++i) EXPECT_EQ(thread.general[i], 0u) << "x" << i;
    for (i = 19; i <= 30; ++i) EXPECT_EQ(thread.general[i], dirt(thread, i)) << "x" << i;
    EXPECT_EQ(thread.processor_state, 0u);
  }
};

// What it does.

TEST_F(DirectCallTest, a_call_and_its_answer_leave_nothing_but_the_message_in_the_registers) {
  server_waits();
  call_directly();
  expect_registers(server, {0, 1, 0, 1, 2, 3, 4, 0xb1, 1});
  answer_directly();
  expect_registers(client, {0, 2, 0, 4, 3, 2, 1});
  call_directly();
  expect_registers(server, {0, 1, 0, 1, 2, 3, 4, 0xb1, 2});
}

TEST_F(DirectCallTest, Y2_eight_words_travel_both_ways) {
  server_waits();
  call_directly({.handle = client_handle, .x1 = 1, .flags = 1, .words = {1, 2, 3, 4, 5, 6, 7, 8}});
  expect_registers(server, {0, 1, 1, 1, 2, 3, 4, 0xb1, 1, 5, 6, 7, 8});
  ASSERT_TRUE(answers_directly(
      {.handle = receive, .x1 = 9, .flags = 1, .words = {8, 7, 6, 5, 4, 3, 2, 1}, .token = server.general[8]}));
  expect_registers(client, {0, 9, 1, 8, 7, 6, 5, 0, 0, 4, 3, 2, 1});
}

TEST_F(DirectCallTest, the_label_of_the_sender_is_stamped_in_both_directions) {
  for (Thread* const thread : {&client, &server}) thread->sender_label = 0x1abe1 + thread->silo().id.value();
  server_waits();
  call_directly();
  EXPECT_EQ(server.general[14], client.sender_label);
  answer_directly();
  EXPECT_EQ(client.general[14], server.sender_label);
}

TEST_F(DirectCallTest, each_side_keeps_its_stack_its_thread_pointer_and_its_place) {
  server_waits();
  client.program_counter = 0x10008, client.stack_pointer = 0x5000, client.thread_pointer = 0xc1;
  server.thread_pointer = 0x5e;
  const std::uint64_t place = server.program_counter, stack = server.stack_pointer;
  call_directly();
  EXPECT_EQ(server.program_counter, place);
  EXPECT_EQ(server.stack_pointer, stack);
  EXPECT_EQ(server.thread_pointer, 0x5eu);
  server.program_counter = 0x10010;
  answer_directly();
  EXPECT_EQ(client.program_counter, 0x10008u);
  EXPECT_EQ(client.stack_pointer, 0x5000u);
  EXPECT_EQ(client.thread_pointer, 0xc1u);
  call_directly();
  EXPECT_EQ(server.program_counter, 0x10010u);
}

TEST_F(DirectCallTest, the_null_call_changes_nothing_but_the_scratch_registers) {
  start();
  ASSERT_TRUE(is_direct(SystemCall::NULL_CALL, {}));
  ASSERT_TRUE(is_running(server));
  expect_registers(server, {0});
}

// What it leaves: calls.

TEST_F(DirectCallTest, another_number_with_the_same_arguments_is_left) {
  server_waits();
  for (const SystemCall number : {SystemCall::PORT_SEND, SystemCall::PORT_TRY_SEND, SystemCall::HANDLE_INFO}) {
    EXPECT_FALSE(is_direct(number, request()));
    if (is_running(server)) call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  const std::uint64_t before = gone_directly();
  for (const unsigned bit : {0, 1, 2, 3, 4, 5, 6, 7, 32, 63}) {
    call_number(CALL_NUMBER_PORT_CALL ^ (std::uint64_t{1} << bit), request());
    if (is_running(server)) call(SystemCall::PORT_RECEIVE, {.handle = receive});
    ASSERT_TRUE(is_running(client));
  }
  EXPECT_EQ(gone_directly(), before);
  EXPECT_TRUE(calls_directly(request()));
}

TEST_F(DirectCallTest, flags_that_ask_for_more_are_left) {
  server_waits();
  for (unsigned bit = 1; bit < 64; ++bit) {
    CallRegisters registers = request();
    registers.flags = std::uint64_t{1} << bit;
    client.general[2] = registers.flags;
    const auto message = Arguments(client.context()).message();
    EXPECT_TRUE(!message.ok() || (message.value().flags & ~abi::kFlagEightWords) != 0);
    EXPECT_FALSE(calls_directly(registers)) << bit;
    if (is_running(client)) continue;
    answers_directly(answer());  // ACCEPT is a call that can be made
    ASSERT_TRUE(is_running(client));
  }
  EXPECT_TRUE(calls_directly(request()));
}

TEST_F(DirectCallTest, E3_a_handle_that_is_not_exactly_the_one_is_left) {
  server_waits();
  const std::uint64_t slots = client.silo().capabilities.slots();
  const std::uint64_t one = 1;
  for (const std::uint64_t wrong :
       {client_handle + (one << 32), client_handle - (one << 32), client_handle + (one << abi::kHandleIndexShift),
        client_handle + (slots << abi::kHandleIndexShift), client_handle | 1, client_handle | (one << 63),
        std::uint64_t{0}, ~std::uint64_t{0}, one << 32, one << abi::kHandleIndexShift}) {
    CallRegisters registers = request();
    registers.handle = wrong;
    EXPECT_FALSE(found(wrong).ok()) << wrong;
    EXPECT_FALSE(calls_directly(registers)) << wrong;
    ASSERT_TRUE(is_running(client));
    EXPECT_EQ(status(client), minus(Error::EBADF));
  }
  EXPECT_TRUE(calls_directly(request()));
}

TEST_F(DirectCallTest, E2_a_handle_that_has_been_closed_is_left) {
  server_waits();
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = client_handle}), 0);
  EXPECT_FALSE(found(client_handle).ok());
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_EQ(status(client), minus(Error::EBADF));
}

TEST_F(DirectCallTest, D8_a_capability_without_the_right_is_left) {
  const std::uint64_t sends = grant(client, abi::ObjectType::Port, port, {Right::PortSend}, 1);
  const std::uint64_t signals = grant(client, abi::ObjectType::Notification, add_notification("bits"),
                                      {Right::NotificationSignal, Right::NotificationWait});
  server_waits();
  for (const std::uint64_t handle : {sends, signals}) {
    CallRegisters registers = request();
    registers.handle = handle;
    EXPECT_EQ(found(handle).error(), Error::EPERM);
    EXPECT_FALSE(calls_directly(registers));
    EXPECT_EQ(status(client), minus(Error::EPERM));
  }
}

TEST_F(DirectCallTest, E7_a_deadline_before_the_timer_is_left_and_sets_it) {
  Thread& sleeper = add_program("sleeper", 30);
  start();
  ASSERT_TRUE(is_running(sleeper));
  const std::uint64_t wakes = clock() + 1000;
  call(SystemCall::SLEEP_UNTIL, {.deadline = wakes});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  CallRegisters registers = request();
  for (const std::uint64_t deadline : {wakes, wakes + 1, kForever - 1, kForever}) {
    registers.deadline = deadline;
    EXPECT_GE(base::Ticks(deadline), this_core().armed());
    call_directly(registers);
    answer_directly();
  }
  registers.deadline = 0;
  EXPECT_FALSE(calls_directly(registers));
  EXPECT_EQ(status(client), minus(Error::EINVAL));
  registers.deadline = wakes - 1;
  EXPECT_LT(base::Ticks(wakes - 1), this_core().armed());
  EXPECT_FALSE(calls_directly(registers));
  EXPECT_EQ(this_core().armed(), base::Ticks(wakes - 1));
}

TEST_F(DirectCallTest, a_call_with_a_deadline_is_left_while_the_timer_is_silent) {
  server_waits();
  CallRegisters registers = request();
  registers.deadline = clock() + 1000;
  EXPECT_FALSE(calls_directly(registers));
  EXPECT_EQ(this_core().armed(), base::Ticks(registers.deadline));
  EXPECT_FALSE(answers_directly(answer())) << "the call was the kernel's";
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(this_core().armed(), base::Ticks(registers.deadline)) << "it stays armed";
  registers.deadline += 1;
  EXPECT_TRUE(calls_directly(registers)) << "so the next one is faster";
}

TEST_F(DirectCallTest, a_port_at_which_nobody_waits_is_left) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_EQ(client.waiting, ipc::Waiting::CallQueued);
}

TEST_F(DirectCallTest, a_server_that_waits_with_a_deadline_is_not_offered) {
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive, .deadline = clock() + 1000});
  EXPECT_FALSE(may_be_called_directly(server, the_port(), base::Ticks(1000)));
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_TRUE(is_running(server));
}

TEST_F(DirectCallTest, a_server_that_waits_for_a_batch_is_not_offered) {
  start();
  call(SystemCall::PORT_RECEIVE_BATCH, {.handle = receive, .words = {4}});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(the_port().direct_receiver, nullptr);
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_TRUE(is_running(server));
}

TEST_F(DirectCallTest, a_port_whose_times_are_measured_is_left) {
  start();
  EXPECT_EQ(status_of(SystemCall::PORT_CALL_STATS, {.handle = receive, .words = {0}}), 0);
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  EXPECT_FALSE(may_be_called_directly(server, the_port(), base::Ticks::forever()));
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_TRUE(is_running(server));
}

TEST_F(DirectCallTest, a_server_whose_reply_was_lost_is_told_before_it_is_offered_again) {
  server_waits();
  call(SystemCall::PORT_CALL, {.handle = client_handle, .x1 = 1, .words = {1}, .deadline = clock() + 1000});
  ASSERT_TRUE(is_running(server));
  pass(1000);
  ASSERT_EQ(client.state(), ThreadState::Ready);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  ASSERT_FALSE(is_running(server));
  EXPECT_FALSE(may_be_called_directly(server, the_port(), base::Ticks::forever()));
  while (!is_running(client)) call(SystemCall::YIELD);
  EXPECT_FALSE(calls_directly(request()));
  EXPECT_EQ(server.general[2], abi::kFlagReplyLost);
  call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
  ASSERT_TRUE(is_running(client));
  call_directly();
}

TEST_F(DirectCallTest, a_server_that_owes_all_it_can_is_not_offered) {
  server_waits();
  for (unsigned i = 0; i < abi::kOwedRepliesMaximum; ++i)
    server.owed.spend(*server.owed.find(server.owed.add(client, const_cast<PortObject&>(the_port()))));
  call_directly();
  interrupt();
  for (unsigned i = 1; i < abi::kOwedRepliesMaximum; ++i) server.owed.add(other, const_cast<PortObject&>(the_port()));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive}), minus(Error::EBUSY));
  EXPECT_EQ(the_port().direct_receiver, nullptr);
}

TEST_F(DirectCallTest, N10_E17_a_silo_with_a_rate_limit_calls_the_long_way) {
  Thread& limited = add_thread(add_silo("limited", 64, {.messages = 10, .bytes = 0, .burst = 1}), "limited", 15);
  const std::uint64_t handle = grant_port_client(limited, port, 3);
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  ASSERT_TRUE(is_running(limited));
  for (unsigned i = 0; i < 10; ++i) {
    EXPECT_FALSE(calls_directly({.handle = handle, .x1 = 1, .words = {1}}));
    ASSERT_TRUE(is_running(server));
    call(SystemCall::PORT_REPLY_AND_RECEIVE, answer());
    ASSERT_TRUE(is_running(limited));
  }
  EXPECT_FALSE(calls_directly({.handle = handle, .x1 = 1, .words = {1}}));
  EXPECT_EQ(status(limited), minus(Error::ENOBUFS));
  EXPECT_FALSE(calls_directly({.handle = 0}));
  EXPECT_EQ(status(limited), minus(Error::EBADF));
}

// What it leaves: replies.

TEST_F(DirectCallTest, C2_a_token_that_is_not_that_of_this_call_is_left) {
  server_waits();
  for (const std::uint64_t difference : {std::uint64_t{1}, ~std::uint64_t{0}, std::uint64_t{1} << 63}) {
    call_directly();
    const CallRegisters right = answer();
    CallRegisters wrong = right;
    wrong.token += difference;
    EXPECT_FALSE(answers_directly(wrong));
    ASSERT_TRUE(is_running(server));
    EXPECT_EQ(server.owed.find(wrong.token), nullptr);
    EXPECT_EQ(status(server), minus(Error::EINVAL));
    EXPECT_FALSE(answers_directly(right)) << "the kernel has caught up";
    ASSERT_TRUE(is_running(client));
  }
}

TEST_F(DirectCallTest, C2_the_token_of_another_server_is_worthless) {
  Thread& second = add_program("second", 25);
  const std::uint32_t back = add_port(second, "back");
  const std::uint64_t back_receive = grant_port_server(second, back);
  const std::uint64_t back_handle = grant_port_client(server, back);
  start();
  ASSERT_TRUE(is_running(second));
  call(SystemCall::PORT_RECEIVE, {.handle = back_receive});
  call(SystemCall::PORT_RECEIVE, {.handle = receive});
  for (unsigned i = 0; i < 3; ++i) {
    call_directly();
    answer_directly();
  }
  call_directly();
  const std::uint64_t token = server.general[8];
  ASSERT_TRUE(calls_directly({.handle = back_handle, .x1 = 1}));
  ASSERT_TRUE(is_running(second));
  ASSERT_NE(second.general[8], token);
  EXPECT_FALSE(answers_directly({.handle = back_receive, .token = token}));
  EXPECT_EQ(status(second), minus(Error::EINVAL));
}

TEST_F(DirectCallTest, Y6_a_spent_token_is_left) {
  server_waits();
  call_directly();
  const CallRegisters registers = answer();
  interrupt();  // the kernel has caught up: the token is the kernel's to spend
  EXPECT_NE(server.owed.find(registers.token), nullptr);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = registers.token}), 0);
  EXPECT_EQ(server.owed.find(registers.token), nullptr);
  EXPECT_FALSE(answers_directly(registers));
  EXPECT_EQ(status(server), minus(Error::EINVAL));
}

TEST_F(DirectCallTest, a_reply_with_flags_that_ask_for_more_is_left) {
  server_waits();
  for (unsigned bit = 1; bit < 64; ++bit) {
    call_directly();
    CallRegisters registers = answer();
    registers.flags = std::uint64_t{1} << bit;
    EXPECT_FALSE(answers_directly(registers)) << bit;
    ASSERT_TRUE(is_running(server)) << "refused";
    registers.flags = 0;
    EXPECT_FALSE(answers_directly(registers)) << "the kernel has caught up";
    ASSERT_TRUE(is_running(client));
  }
}

TEST_F(DirectCallTest, a_reply_that_receives_by_another_handle_is_left) {
  const std::uint64_t second = grant_port_server(server, port);
  server_waits();
  call_directly();
  CallRegisters registers = answer();
  registers.handle = second;
  EXPECT_FALSE(answers_directly(registers));
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), 0);
  call_directly();
  EXPECT_FALSE(answers_directly(answer()));
  ASSERT_TRUE(is_running(client));
  call_directly();
  registers = answer();
  registers.handle += std::uint64_t{1} << 32;
  EXPECT_FALSE(server.silo().capabilities.lookup(registers.handle).ok());
  EXPECT_FALSE(answers_directly(registers));
  EXPECT_EQ(status(server), minus(Error::EBADF));
}

TEST_F(DirectCallTest, a_reply_that_receives_until_a_deadline_is_left) {
  server_waits();
  call_directly();
  CallRegisters registers = answer();
  registers.deadline = kForever - 1;
  EXPECT_FALSE(answers_directly(registers));
  ASSERT_TRUE(is_running(client));
  EXPECT_FALSE(calls_directly(request())) << "it is not offered";
}

TEST_F(DirectCallTest, another_number_with_the_arguments_of_a_reply_is_left) {
  server_waits();
  call_directly();
  EXPECT_FALSE(is_direct(SystemCall::PORT_REPLY, answer()));
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status(server), 0);
  EXPECT_EQ(client.state(), ThreadState::Ready);
}

}  // namespace
}  // namespace kernel
