// SPDX-License-Identifier: Apache-2.0
//
// Two cores: calls that visit, wake-ups that are posted, and what must not happen in between.
#include "test/fakes/two_cores.hpp"

#include "kernel/objects.hpp"

namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using kernel::Thread;
using kernel::ThreadState;

class InboxTest : public fakes::TwoCores {
 protected:
  InboxTest() {
    quotas[abi::QuotaKind::Transfers] = 4;
    quotas[abi::QuotaKind::Timers] = 4;
  }
  /// A server on core 0 and a client on core 1, both running, with the server's port.
  void start_pair() {
    server = &add_program_on(0, "server");
    client = &add_program_on(1, "client");
    const std::uint32_t port = add_port(*server, "port");
    server_port = grant_port_server(*server, port);
    client_port = grant_port_client(*client, port, 7);
    start_both();
    ASSERT_EQ(running_on(0), server);
    ASSERT_EQ(running_on(1), client);
  }
  /// A maker on core 0 with a notification and a timer that sets its bit 0, and a taker on core 1.
  void start_with_timer() {
    maker = &add_program_on(0, "maker");
    taker = &add_program_on(1, "taker");
    word = grant(*maker, ObjectType::Notification, add_notification("notification"),
                 {Right::NotificationSignal, Right::NotificationWait});
    to_taker = grant(*maker, ObjectType::Silo, taker->silo().id.value(), {Right::SiloGrant});
    start_both();
    call_by(*maker, SystemCall::TIMER_CREATE, {.words = {word, 1}});
    ASSERT_EQ(status(*maker), 0);
    timer = maker->general[3];
  }
  /// The maker grants the timer to the taker.
  void give_timer() {
    call_by(*maker, SystemCall::HANDLE_GRANT,
            {.handle = timer, .words = {to_taker, static_cast<std::uint64_t>(Right::TimerSet)}});
  }
  static std::uint64_t content(const Thread& thread, unsigned number) { return thread.general[3 + number]; }

  Thread* server = nullptr;
  Thread* client = nullptr;
  std::uint64_t server_port = 0, client_port = 0;
  Thread* maker = nullptr;
  Thread* taker = nullptr;
  std::uint64_t word = 0, timer = 0, to_taker = 0;
};

TEST_F(InboxTest, a_call_visits_the_core_of_the_port_and_its_reply_comes_back) {
  start_pair();
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  EXPECT_TRUE(sleeps(0));
  call_by(*client, SystemCall::PORT_CALL, {.handle = client_port, .words = {1, 2, 3, 4}});
  EXPECT_TRUE(sleeps(1));
  EXPECT_EQ(server->state(), ThreadState::Blocked) << "the other core has not looked yet";
  EXPECT_TRUE(deliver(0));
  ASSERT_EQ(running_on(0), server);
  EXPECT_EQ(content(*server, 0), 1u);
  EXPECT_EQ(content(*server, 3), 4u);
  EXPECT_EQ(server->general[7], 7u) << "the badge";
  const std::uint64_t token = server->general[8];
  ASSERT_NE(token, 0u);
  call_by(*server, SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = server_port, .words = {9, 8, 7, 6}, .token = token});
  EXPECT_TRUE(sleeps(0));
  EXPECT_EQ(client->state(), ThreadState::Blocked);
  EXPECT_TRUE(deliver(1));
  ASSERT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), 0);
  EXPECT_EQ(content(*client, 0), 9u);
  EXPECT_EQ(client->silo().messages_sent + client->messages_sent_abroad, 1u);
  EXPECT_EQ(client->silo().messages_received, 1u);
}

TEST_F(InboxTest, a_call_from_another_core_lends_no_priority) {
  server = &add_program_on(0, "server", 5);
  client = &add_program_on(1, "client", 60);
  const std::uint32_t port = add_port(*server, "port");
  server_port = grant_port_server(*server, port);
  client_port = grant_port_client(*client, port);
  start_both();
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  call_by(*client, SystemCall::PORT_CALL, {.handle = client_port});
  settle();
  ASSERT_EQ(running_on(0), server);
  EXPECT_EQ(server->effective_priority(), base::Priority(5));
}

TEST_F(InboxTest, a_deadline_passes_while_the_call_is_on_its_way) {
  start_pair();
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  call_by(*client, SystemCall::PORT_CALL, {.handle = client_port, .deadline = clock() + 1000});
  // The core that waits moved the clock on to its timer and took it: the other one has done nothing so far.
  EXPECT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), minus(Error::ETIMEDOUT));
  settle();
  EXPECT_TRUE(sleeps(0)) << "nothing came";
  EXPECT_EQ(server->state(), ThreadState::Blocked);
}

TEST_F(InboxTest, a_deadline_passes_after_the_call_was_taken_and_the_reply_is_lost) {
  start_pair();
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  Thread& other = *client;
  call_by(other, SystemCall::PORT_CALL, {.handle = client_port});
  settle();
  const std::uint64_t token = server->general[8];
  // As a deadline would do it, on the caller's own core.
  fakes::set_current_core(base::CoreId(1));
  other.core().cancel_operation(other, Error::ETIMEDOUT);
  fakes::set_current_core(base::CoreId(0));
  call_by(*server, SystemCall::PORT_REPLY, {.token = token});
  EXPECT_EQ(status(*server), minus(Error::EPIPE));
}

TEST_F(InboxTest, errors_of_a_visit_come_back) {
  start_pair();
  call_by(*client, SystemCall::PORT_TRY_SEND, {.handle = client_port, .flags = 0x8000'0000});
  settle();
  ASSERT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), minus(Error::EINVAL));
  EXPECT_EQ(client->silo().refused_calls, 1u);
  expect_clean(*client);
}

TEST_F(InboxTest, a_send_waits_for_room_over_there) {
  start_pair();
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    call_by(*client, SystemCall::PORT_SEND, {.handle = client_port, .words = {i, 0, 0, 0}});
    settle();
    ASSERT_EQ(running_on(1), client) << i;
    ASSERT_EQ(status(*client), 0);
  }
  call_by(*client, SystemCall::PORT_TRY_SEND, {.handle = client_port});
  settle();
  EXPECT_EQ(status(*client), minus(Error::EAGAIN));
  call_by(*client, SystemCall::PORT_SEND, {.handle = client_port, .words = {99, 0, 0, 0}});
  settle();
  EXPECT_TRUE(sleeps(1));
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  EXPECT_EQ(content(*server, 0), 0u);
  settle();
  EXPECT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), 0);
}

TEST_F(InboxTest, nobody_receives_on_another_core) {
  server = &add_program_on(0, "server");
  client = &add_program_on(1, "client");
  const std::uint32_t port = add_port(*server, "port");
  server_port = grant(*server, ObjectType::Port, port, {Right::PortReceive, Right::Grant});
  start_both();
  const std::uint64_t copy =
      client->silo()
          .capabilities
          .insert(fakes::unlocked(), kernel::Grant{server->silo().capabilities.lookup(server_port).value()->object,
                                                   static_cast<std::uint64_t>(Right::PortReceive), 0, 0})
          .value();
  call_by(*client, SystemCall::PORT_RECEIVE, {.handle = copy});
  ASSERT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), minus(Error::EXDEV));
}

TEST_F(InboxTest, a_port_whose_last_receiving_capability_goes_on_another_core_ends_on_its_own) {
  server = &add_program_on(0, "server");
  Thread& caller = add_program_on(0, "caller", 9);
  client = &add_program_on(1, "client");
  const std::uint32_t port = add_port(*server, "port");
  server_port = grant(*server, ObjectType::Port, port, {Right::PortReceive});
  const std::uint64_t calls = grant_port_client(caller, port);
  start_both();
  auto& object = static_cast<kernel::PortObject&>(*server->silo().capabilities.lookup(server_port).value()->object);
  const std::uint64_t moved =
      client->silo()
          .capabilities
          .insert(fakes::unlocked(), kernel::Grant{&object, static_cast<std::uint64_t>(Right::PortReceive), 0, 0})
          .value();
  call_by(*server, SystemCall::HANDLE_CLOSE, {.handle = server_port});
  call_by(*server, SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_EQ(running_on(0), &caller);
  call_by(caller, SystemCall::PORT_CALL, {.handle = calls});
  EXPECT_TRUE(sleeps(0));
  call_by(*client, SystemCall::HANDLE_CLOSE, {.handle = moved});
  EXPECT_TRUE(object.is_alive()) << "its own core has not been there";
  settle();
  EXPECT_FALSE(object.is_alive());
  ASSERT_EQ(running_on(0), &caller);
  EXPECT_EQ(status(caller), minus(Error::EPIPE));
}

TEST_F(InboxTest, what_a_message_takes_along_to_another_core_is_shared_before_it_goes) {
  server = &add_program_on(0, "server");
  client = &add_program_on(1, "client");
  const std::uint32_t port = add_port(*server, "port");
  const std::uint32_t semaphore = add_semaphore("semaphore", 1);
  server_port = grant_port_server(*server, port);
  client_port = grant(*client, ObjectType::Port, port, {Right::PortSend, Right::PortTransfer});
  const std::uint64_t gift =
      grant(*client, ObjectType::Semaphore, semaphore, {Right::SemaphorePost, Right::SemaphoreWait, Right::Grant});
  start_both();
  const ipc::Object& object = *client->silo().capabilities.lookup(gift).value()->object;
  EXPECT_EQ(object.sole_core, 1u);
  const auto message = [&](std::uint64_t flags) {
    return fakes::CallRegisters{
        .handle = client_port, .flags = flags, .words = {1, 2, static_cast<std::uint64_t>(Right::SemaphoreWait), gift}};
  };
  call_by(*client, SystemCall::PORT_SEND, message(abi::kFlagTransfer));
  EXPECT_EQ(object.sole_core, ipc::kSeveralCores) << "although the other core has not looked yet";
  settle();
  EXPECT_EQ(status(*client), 0);
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  call_by(*server, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = server->general[6]});
  EXPECT_EQ(status(*server), 0);
}

/// A client on core 1 with a capability that it moves to a server on core 0.
struct MoveTest : InboxTest {
  void begin() {
    server = &add_program_on(0, "server");
    client = &add_program_on(1, "client");
    other = &add_thread(client->silo().id, "other", 10);
    const std::uint32_t port = add_port(*server, "port");
    server_port = grant_port_server(*server, port);
    client_port = grant(*client, ObjectType::Port, port, {Right::PortSend, Right::PortTransfer, Right::Grant});
    gift = grant(*client, ObjectType::Semaphore, add_semaphore("semaphore", 1), {Right::SemaphoreWait, Right::Grant});
    start_both();
  }
  void move(std::uint64_t handle, Right right = Right::SemaphoreWait) {
    call_by(*client, SystemCall::PORT_SEND,
            {.handle = client_port,
             .flags = abi::kFlagTransfer | abi::kFlagMove,
             .words = {1, 2, static_cast<std::uint64_t>(right), handle}});
  }
  std::uint64_t rights_of(std::uint64_t handle) const {
    const auto found = client->silo().capabilities.lookup(handle);
    return found.ok() ? found.value()->rights : 0;
  }
  Thread* other = nullptr;
  std::uint64_t gift = 0;
};

TEST_F(MoveTest, who_has_moved_something_is_woken_in_a_shared_section) {
  begin();
  move(gift);
  EXPECT_TRUE(deliver(0));
  EXPECT_FALSE(deliver_quickly(1)) << "its table is about to change";
  go_the_long_way(1);
  EXPECT_EQ(status(*client), 0);
}

TEST_F(MoveTest, a_capability_moves_to_another_core_and_nobody_uses_it_on_its_way) {
  begin();
  move(gift);
  ASSERT_EQ(running_on(1), other);
  call_by(*other, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = gift});
  EXPECT_EQ(status(*other), minus(Error::EPERM)) << "it is on its way";
  settle();
  EXPECT_EQ(status(*client), 0);
  EXPECT_FALSE(client->silo().capabilities.lookup(gift).ok()) << "it has left";
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  call_by(*server, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = server->general[6]});
  EXPECT_EQ(status(*server), 0);
  EXPECT_EQ(client->moving.handle, 0u);
}

TEST_F(MoveTest, a_move_that_fails_leaves_it_as_it_was) {
  begin();
  const std::uint64_t before = rights_of(gift);
  move(gift, Right::SemaphorePost);  // more than it has
  settle();
  EXPECT_EQ(status(*client), minus(Error::EPERM));
  EXPECT_EQ(rights_of(gift), before);
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    call_by(*other, SystemCall::PORT_SEND, {.handle = client_port});
    settle();
    call_by(*client, SystemCall::YIELD, {});
  }
  EXPECT_EQ(rights_of(gift), before);
}

TEST_F(MoveTest, a_move_to_a_full_port_does_not_wait) {
  begin();
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i) {
    call_by(*client, SystemCall::PORT_SEND, {.handle = client_port});
    settle();
    call_by(*other, SystemCall::YIELD, {});
  }
  const std::uint64_t before = rights_of(gift);
  move(gift);
  settle();
  EXPECT_EQ(status(*client), minus(Error::ETIMEDOUT)) << "as on one core";
  EXPECT_EQ(rights_of(gift), before);
}

TEST_F(MoveTest, it_may_be_closed_on_its_way_and_then_nothing_is_sent) {
  begin();
  move(gift);
  call_by(*other, SystemCall::HANDLE_CLOSE, {.handle = gift});
  EXPECT_EQ(status(*other), 0);
  settle();
  EXPECT_EQ(status(*client), minus(Error::EBADF));
}

TEST_F(MoveTest, it_is_not_moved_through_itself) {
  begin();
  move(client_port, Right::PortSend);
  EXPECT_EQ(status(*client), minus(Error::EXDEV));
  EXPECT_NE(rights_of(client_port), 0u);
}

TEST_F(InboxTest, who_shares_a_timer_shares_what_it_signals) {
  start_with_timer();
  const ipc::Object& object = *maker->silo().capabilities.lookup(word).value()->object;
  EXPECT_EQ(object.sole_core, 0u);
  give_timer();
  EXPECT_EQ(object.sole_core, ipc::kSeveralCores);
}

TEST_F(InboxTest, a_timer_that_another_core_has_set_is_no_rest) {
  start_with_timer();
  give_timer();
  settle();
  ASSERT_EQ(status(*maker), 0);
  const std::uint64_t theirs = maker->general[3];
  call_by(*maker, SystemCall::NOTIFICATION_WAIT, {.handle = word, .words = {1}});
  EXPECT_TRUE(sleeps(0));
  call_by(*taker, SystemCall::TIMER_SET, {.handle = theirs, .words = {clock() + 5000, 0}});
  ASSERT_EQ(status(*taker), 0);
  call_by(*taker, SystemCall::EXIT, {.x1 = 0});
  EXPECT_EQ(console().find("nothing can run"), std::string::npos);
  settle();
  EXPECT_EQ(running_on(0), maker) << "it slept until the timer";
}

TEST_F(InboxTest, a_channel_between_cores_wakes_the_receiver_by_its_inbox) {
  Thread& sender = add_program_on(0, "sender");
  Thread& receiver = add_program_on(1, "receiver");
  const std::uint32_t channel = add_channel("channel", 4);
  const std::uint64_t to = grant(sender, ObjectType::Channel, channel, {Right::ChannelSend}, 3, 0);
  const std::uint64_t from = grant(receiver, ObjectType::Channel, channel, {Right::ChannelReceive}, 4, 1);
  start_both();
  call_by(receiver, SystemCall::CHAN_RECV, {.handle = from});
  EXPECT_TRUE(sleeps(1));
  call_by(sender, SystemCall::CHAN_SEND, {.handle = to, .words = {5, 6, 7, 8}});
  EXPECT_EQ(running_on(0), &sender);
  EXPECT_EQ(receiver.state(), ThreadState::Blocked);
  EXPECT_EQ(fakes::take_signals(base::CoreId(1)), 1u);
  call_by(sender, SystemCall::CHAN_SEND, {.handle = to, .words = {9, 9, 9, 9}});
  EXPECT_EQ(fakes::take_signals(base::CoreId(1)), 0u) << "it has been told already";
  fakes::raise_interrupt({port::InterruptKind::Signal, base::InterruptId(0)});
  timer_on(1);
  ASSERT_EQ(running_on(1), &receiver);
  EXPECT_EQ(content(receiver, 0), 5u);
}

TEST_F(InboxTest, a_thread_that_ends_with_mail_leaves_none) {
  Thread& sender = add_program_on(0, "sender");
  Thread& receiver = add_program_on(1, "receiver");
  const std::uint32_t channel = add_channel("channel", 4);
  const std::uint64_t to = grant(sender, ObjectType::Channel, channel, {Right::ChannelSend}, 3, 0);
  const std::uint64_t from = grant(receiver, ObjectType::Channel, channel, {Right::ChannelReceive}, 4, 1);
  start_both();
  call_by(receiver, SystemCall::CHAN_RECV, {.handle = from});
  call_by(sender, SystemCall::CHAN_SEND, {.handle = to});
  fakes::set_current_core(base::CoreId(1));
  receiver.core().end_thread(receiver);
  EXPECT_EQ(receiver.state(), ThreadState::Dead);
  EXPECT_FALSE(receiver.wake_node.is_linked());
  settle();
  EXPECT_TRUE(sleeps(1));
}

TEST_F(InboxTest, a_revoke_goes_to_the_core_whose_table_it_changes) {
  server = &add_program_on(0, "server");
  client = &add_program_on(1, "client");
  const std::uint32_t port = add_port(*server, "port");
  server_port = grant(*server, ObjectType::Port, port, {Right::PortReceive, Right::Revoke, Right::PortCall});
  client_port = grant_port_client(*client, port);
  start_both();
  call_by(*client, SystemCall::PORT_CALL, {.handle = client_port});
  call_by(*server, SystemCall::HANDLE_REVOKE, {.handle = server_port});
  EXPECT_TRUE(client->silo().capabilities.lookup(client_port).ok()) << "its own core has not been there";
  settle();
  EXPECT_EQ(client->silo().capabilities.lookup(client_port).error(), Error::EBADF);
  ASSERT_EQ(running_on(1), client);
  EXPECT_EQ(status(*client), minus(Error::ECANCELED));
  ASSERT_EQ(running_on(0), server);
  EXPECT_EQ(status(*server), 0);
  EXPECT_EQ(server->general[3], 1u) << "how many have ended";
}

TEST_F(InboxTest, a_child_on_another_core_gets_its_capability_there) {
  Thread& parent = add_program_on(0, "parent");
  Thread& child = add_program_on(1, "child");
  const std::uint32_t semaphore = add_semaphore("semaphore", 1);
  const std::uint64_t given =
      grant(parent, ObjectType::Semaphore, semaphore, {Right::SemaphorePost, Right::SemaphoreWait, Right::Grant});
  const std::uint64_t to = grant(parent, ObjectType::Silo, child.silo().id.value(), {Right::SiloGrant});
  start_both();
  call_by(parent, SystemCall::HANDLE_GRANT,
          {.handle = given, .words = {to, static_cast<std::uint64_t>(Right::SemaphoreWait)}});
  EXPECT_TRUE(sleeps(0));
  settle();
  ASSERT_EQ(running_on(0), &parent);
  ASSERT_EQ(status(parent), 0);
  call_by(child, SystemCall::SEMAPHORE_TRY_WAIT, {.handle = parent.general[3]});
  EXPECT_EQ(status(child), 0);
}

TEST_F(InboxTest, the_fast_path_finds_no_port_of_another_core) {
  start_pair();
  const kernel::Capability& client_entry = *client->silo().capabilities.lookup(client_port).value();
  EXPECT_EQ(client_entry.direct->type, ObjectType::None);
  const kernel::Capability& server_entry = *server->silo().capabilities.lookup(server_port).value();
  EXPECT_EQ(server_entry.direct, server_entry.object);
}

TEST_F(InboxTest, the_system_has_come_to_rest_only_when_every_core_has) {
  start_pair();
  call_by(*server, SystemCall::PORT_RECEIVE, {.handle = server_port});
  EXPECT_EQ(console().find("nothing can run"), std::string::npos);
  call_by(*client, SystemCall::EXIT, {.x1 = 0});
  settle();
  EXPECT_NE(console().find("nothing can run"), std::string::npos);
}

TEST_F(InboxTest, what_another_core_leaves_between_two_steps_of_work_is_not_forgotten_with_its_signal) {
  server = &add_program_on(0, "server");
  const std::uint64_t first = grant_port_server(*server, add_port(*server, "first"));
  const std::uint64_t second = grant_port_server(*server, add_port(*server, "second"));
  start_both();
  auto& object = static_cast<kernel::PortObject&>(*server->silo().capabilities.lookup(second).value()->object);
  fakes::before_next_interrupt([&] {  // behind the last step of its own work
    ASSERT_FALSE(server->core().has_work());
    fakes::set_current_core(base::CoreId(1));
    kernel::begin_ending(object);
    fakes::set_current_core(base::CoreId(0));
    EXPECT_EQ(fakes::take_signals(base::CoreId(0)), 1u);
    fakes::raise_interrupt({port::InterruptKind::Signal, base::InterruptId(0)});
  });
  call_by(*server, SystemCall::HANDLE_CLOSE, {.handle = first});
  settle();
  EXPECT_FALSE(object.is_alive());
}

}  // namespace
