// SPDX-License-Identifier: Apache-2.0
//
// Deadlines of links: what is ended and when, whatever was asked for; on every way to wait through a link; what is
// derived keeps them; who is told; and that a link without one is as before.
#include "kernel/link.hpp"

#include "kernel/audit.hpp"
#include "test/fakes/kernel_world.hpp"
#include "test/fakes/two_cores.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using base::Ticks;

constexpr std::uint64_t kMillisecond = 62'500;
constexpr std::uint64_t kDeadline = 5 * kMillisecond;

std::uint64_t bits(std::initializer_list<Right> rights) {
  std::uint64_t all = 0;
  for (const Right right : rights) all |= static_cast<std::uint64_t>(right);
  return all;
}

template <typename World>
struct WithLinks : World {
  std::uint32_t next_slot = 30;
  /// A capability with a deadline of 5 ms.
  std::uint64_t link(const Thread& holder, ObjectType type, std::uint32_t object, std::initializer_list<Right> rights,
                     std::uint32_t end = 0) {
    const std::uint32_t slot = next_slot++;
    EXPECT_TRUE(kernel::install_capability(holder.silo().id, {.slot = slot,
                                                              .type = type,
                                                              .object = object,
                                                              .end = end,
                                                              .rights = bits(rights),
                                                              .badge = 7,
                                                              .deadline = 5000})
                    .ok());
    return abi::make_manifest_handle(slot);
  }
};

struct LinkWorld : WithLinks<fakes::KernelWorld> {
  LinkWorld() { fakes::set_now(1'000'000); }
  Thread& server = add_program("server", 20);
  Thread& client = add_program("client", 10);
  Thread& other = add_program("other", 5);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t calling =
      link(client, ObjectType::Port, port, {Right::PortSend, Right::PortCall, Right::Duplicate, Right::Grant});
  std::uint32_t channel = add_channel("channel", 1);
  std::uint64_t near_end = link(client, ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive});
  std::uint64_t far_end = grant(other, ObjectType::Channel, channel, {Right::ChannelReceive}, 0, 1);

  void client_runs(bool server_receives = true) {
    tries_fast_path = true;
    start();
    ASSERT_TRUE(is_running(server));
    if (server_receives) {
      call(SystemCall::PORT_RECEIVE, {.handle = receive});
    } else {
      call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
    }
    ASSERT_TRUE(is_running(client));
  }
  std::uint64_t missed(std::uint64_t handle) {
    const Thread& caller = call(SystemCall::HANDLE_INFO, {.handle = handle});
    return caller.general[6];
  }
  /// The client waits, and nothing happens: how many ticks later it is told ETIMEDOUT.
  std::uint64_t time_until_it_ends() {
    const std::uint64_t begin = clock();
    EXPECT_FALSE(is_running(client));
    while (!is_running(client) && clock() - begin < 100 * kDeadline)
      pass(1 + (clock() - begin < kDeadline - 2 ? 50 : 0));
    EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
    expect_clean(client);
    return clock() - begin;
  }
};

TEST_F(LinkWorld, a_call_that_nobody_takes_ends) {
  client_runs(false);
  call(SystemCall::PORT_CALL, {.handle = calling});
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kDeadline));
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  EXPECT_EQ(missed(calling), 1u);
}

TEST_F(LinkWorld, a_call_that_is_not_answered_ends_and_the_server_is_told) {
  client_runs();
  const std::uint64_t direct = gone_directly();
  call(SystemCall::PORT_CALL, {.handle = calling});
  EXPECT_EQ(gone_directly(), direct) << "the fast path knows nothing of links";
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  pass(kDeadline - 1);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(client.state(), ThreadState::Blocked);
  pass(1);
  EXPECT_NE(client.state(), ThreadState::Blocked);
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  ASSERT_TRUE(is_running(server)) << "it is more urgent";
  call(SystemCall::PORT_REPLY, {.token = token});
  EXPECT_EQ(status(server), minus(Error::EPIPE));
}

TEST_F(LinkWorld, one_that_is_answered_in_time_is_as_any_other) {
  client_runs();
  for (int i = 0; i < 5; ++i) {
    call(SystemCall::PORT_CALL, {.handle = calling});
    ASSERT_TRUE(is_running(server));
    pass(kDeadline - 1);
    call(SystemCall::PORT_REPLY_AND_RECEIVE, {.handle = receive, .x1 = 5, .token = server.general[8]});
    ASSERT_TRUE(is_running(client));
    EXPECT_EQ(status(client), 0);
    EXPECT_EQ(client.general[1], 5u);
    pass(kDeadline);
  }
  EXPECT_EQ(missed(calling), 0u);
}

TEST_F(LinkWorld, of_what_is_asked_for_and_the_links_the_earlier_counts) {
  client_runs(false);
  call(SystemCall::PORT_CALL, {.handle = calling, .deadline = clock() + kDeadline / 2});
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kDeadline / 2));
  pass(kDeadline / 2);
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
  EXPECT_EQ(missed(calling), 0u) << "it was what the caller had asked for";
  call(SystemCall::PORT_CALL, {.handle = calling, .deadline = clock() + 2 * kDeadline});
  EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kDeadline));
  pass(kDeadline);
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(missed(calling), 1u);
}

TEST_F(LinkWorld, what_does_not_wait_still_does_not) {
  client_runs(false);
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = calling, .deadline = 0}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, {.handle = calling, .deadline = clock() - 1}), minus(Error::ETIMEDOUT));
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = near_end, .deadline = 0}), minus(Error::EAGAIN));
  EXPECT_EQ(status_of(SystemCall::CHAN_RECV, {.handle = near_end, .deadline = clock() - 1}), minus(Error::ETIMEDOUT));
  EXPECT_EQ(missed(calling), 0u);
  EXPECT_EQ(missed(near_end), 0u);
}

TEST_F(LinkWorld, a_send_that_finds_no_room_ends) {
  client_runs(false);
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i)
    EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = calling}), 0);
  call(SystemCall::PORT_SEND, {.handle = calling});
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  EXPECT_EQ(missed(calling), 1u);
}

TEST_F(LinkWorld, both_ways_to_wait_at_a_channel_end) {
  client_runs(false);
  call(SystemCall::CHAN_RECV, {.handle = near_end});
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  EXPECT_EQ(status_of(SystemCall::CHAN_SEND, {.handle = near_end}), 0);
  call(SystemCall::CHAN_SEND, {.handle = near_end});
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  call(SystemCall::CHAN_RECV_BATCH, {.handle = near_end, .words = {3}});
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  EXPECT_EQ(missed(near_end), 3u);
  EXPECT_EQ(missed(calling), 0u);
}

TEST_F(LinkWorld, what_is_derived_keeps_the_deadline) {
  const std::uint64_t child = grant(client, ObjectType::Silo, other.silo().id.value(), {Right::SiloGrant});
  client_runs(false);
  Thread& duplicating =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = calling, .words = {bits({Right::PortSend, Right::PortCall})}});
  const std::uint64_t copy = duplicating.general[3];
  call(SystemCall::PORT_CALL, {.handle = copy});
  EXPECT_LE(time_until_it_ends(), kDeadline + 51);
  EXPECT_EQ(missed(copy), 1u);
  EXPECT_EQ(missed(calling), 1u) << "it is one link";
  Thread& granting = call(SystemCall::HANDLE_GRANT, {.handle = calling, .words = {child, bits({Right::PortCall})}});
  ASSERT_EQ(status(granting), 0);
  const std::uint64_t given = granting.general[3];
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(other));
  const std::uint64_t begin = clock();
  call(SystemCall::PORT_CALL, {.handle = given});
  ASSERT_TRUE(is_running(other)) << "the core has slept meanwhile";
  EXPECT_EQ(status(other), minus(Error::ETIMEDOUT));
  EXPECT_EQ(clock(), begin + kDeadline);
}

TEST_F(LinkWorld, what_is_closed_takes_no_deadline_along_into_the_next_of_its_slot) {
  const std::uint64_t plain = grant(client, ObjectType::Port, port, {Right::PortCall, Right::Duplicate});
  client_runs(false);
  const std::uint64_t copy =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = calling, .words = {bits({Right::PortCall})}}).general[3];
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = copy}), 0);
  const std::uint64_t second =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = plain, .words = {bits({Right::PortCall})}}).general[3];
  ASSERT_EQ(second & 0xffff'ffff, copy & 0xffff'ffff) << "the slot is the same";
  call(SystemCall::PORT_CALL, {.handle = second});
  EXPECT_TRUE(fakes::armed_timer().is_forever());
}

TEST_F(LinkWorld, a_silo_that_is_started_again_has_its_deadlines_again) {
  restart = {.mode = abi::RestartMode::Always};
  Thread& mortal = add_program("mortal", 30);
  restart = {};
  const std::uint64_t its = link(mortal, ObjectType::Port, port, {Right::PortCall});
  start();
  ASSERT_TRUE(is_running(mortal));
  call(SystemCall::EXIT, {.x1 = 1});
  for (int i = 0; i < 1000 && mortal.silo().life.restarts == 0; ++i) pass(kMillisecond / 10);
  ASSERT_EQ(mortal.silo().life.restarts, 1u);
  const auto found = mortal.silo().capabilities.lookup(its);
  ASSERT_TRUE(found.ok());
  EXPECT_NE(found.value()->link, 0u);
  EXPECT_EQ(deadline_through(found.value()->link, Ticks::forever()), Ticks(clock() + kDeadline));
}

TEST_F(LinkWorld, a_capability_without_one_waits_for_ever_and_goes_the_fast_way) {
  const std::uint64_t plain = grant_port_client(client, port);
  client_runs();
  const std::uint64_t direct = gone_directly();
  call(SystemCall::PORT_CALL, {.handle = plain});
  EXPECT_EQ(gone_directly(), direct + 1);
}

TEST_F(LinkWorld, a_missed_one_is_told_in_the_audit_and_equal_ones_are_counted) {
  grant(other, ObjectType::Audit, 0, {Right::AuditRead});
  client_runs(false);
  while (take_audit_record()) {
  }
  for (int i = 0; i < 3; ++i) {
    call(SystemCall::PORT_CALL, {.handle = calling});
    time_until_it_ends();
  }
  const auto record = take_audit_record();
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->subject, client.silo().id.value() |
                                 static_cast<std::uint64_t>(abi::AuditCategory::Deadline) << abi::kAuditCategoryShift |
                                 static_cast<std::uint64_t>(ObjectType::Port) << abi::kAuditObjectShift);
  EXPECT_EQ(record->what, static_cast<std::uint64_t>(SystemCall::PORT_CALL));
  EXPECT_EQ(record->detail, static_cast<std::uint64_t>(Error::ETIMEDOUT));
  EXPECT_EQ(record->handle, calling);
  EXPECT_EQ(record->repeats, 2u);
  EXPECT_FALSE(take_audit_record().has_value());
}

TEST_F(LinkWorld, one_that_was_asked_for_is_not_told) {
  grant(other, ObjectType::Audit, 0, {Right::AuditRead});
  client_runs(false);
  while (take_audit_record()) {
  }
  call(SystemCall::PORT_CALL, {.handle = calling, .deadline = clock() + 1000});
  pass(1000);
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  pass(1000);
  EXPECT_FALSE(take_audit_record().has_value());
}

TEST_F(LinkWorld, bad_descriptions_are_refused) {
  const auto install = [&](ObjectType type, std::uint32_t object, std::uint32_t deadline) {
    return kernel::install_capability(
        client.silo().id,
        {.slot = 60, .type = type, .object = object, .end = 0, .rights = 0, .badge = 0, .deadline = deadline});
  };
  const std::uint32_t semaphore = add_semaphore("semaphore", 0);
  EXPECT_EQ(install(ObjectType::Semaphore, semaphore, 5000).error(), Error::EINVAL);
  EXPECT_EQ(install(ObjectType::Port, port, abi::kLinkDeadlineMinimum - 1).error(), Error::EINVAL);
  EXPECT_EQ(install(ObjectType::Port, port, abi::kLinkDeadlineMaximum + 1).error(), Error::EINVAL);
  EXPECT_TRUE(install(ObjectType::Port, port, abi::kLinkDeadlineMaximum).ok());
}

TEST_F(LinkWorld, there_are_so_many_and_no_more_and_one_for_each_slot) {
  const base::SiloId silo = client.silo().id;
  const LinkNumber first = make_link(silo, 1000, 5000).value();
  EXPECT_EQ(make_link(silo, 1000, 5000).value(), first) << "of a silo that is started again";
  std::uint32_t slot = 1001;
  while (make_link(silo, slot, 5000).ok()) ++slot;
  EXPECT_EQ(make_link(silo, slot, 5000).error(), Error::ENOSPC);
  EXPECT_EQ(slot, 1000 + abi::kLinksMaximum - 2) << "the world has made two";
  EXPECT_EQ(make_link(silo, slot, 0).value(), 0u);
  EXPECT_EQ(make_link(silo, 1000, 5000).value(), first);
}

/// The same between cores: the call is made on behalf of its thread, whose own core has the timer.
struct RemoteLinks : WithLinks<fakes::TwoCores> {
  Thread& server = add_program_on(1, "server", 20);
  Thread& client = add_program_on(0, "client", 10);
  // Neither core sleeps: the fakes have one timer for both.
  Thread& other = add_program_on(0, "other", 1);
  Thread& remote = add_program_on(1, "remote", 1);
  std::uint32_t port = add_port(server, "port");
  std::uint64_t receive = grant_port_server(server, port);
  std::uint64_t calling = link(client, ObjectType::Port, port, {Right::PortSend, Right::PortCall});

  void miss() {
    fakes::set_current_core(base::CoreId(0));
    EXPECT_EQ(fakes::armed_timer(), Ticks(clock() + kDeadline));
    fakes::advance(kDeadline);
    timer_on(0);
    settle();
    ASSERT_EQ(running_on(0), &client);
    EXPECT_EQ(status(client), minus(Error::ETIMEDOUT));
    call_by(client, SystemCall::HANDLE_INFO, {.handle = calling});
  }
};

TEST_F(RemoteLinks, a_call_to_another_core_that_nobody_takes_ends) {
  start_both();
  call_by(server, SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call_by(client, SystemCall::PORT_CALL, {.handle = calling});
  settle();
  miss();
  EXPECT_EQ(client.general[6], 1u);
}

TEST_F(RemoteLinks, a_call_to_another_core_that_is_not_answered_ends) {
  start_both();
  call_by(server, SystemCall::PORT_RECEIVE, {.handle = receive});
  call_by(client, SystemCall::PORT_CALL, {.handle = calling});
  settle();
  ASSERT_EQ(running_on(1), &server);
  miss();
  EXPECT_EQ(client.general[6], 1u);
}

TEST_F(RemoteLinks, a_call_that_has_not_even_arrived_ends) {
  start_both();
  call_by(server, SystemCall::PORT_RECEIVE, {.handle = receive});
  call_by(client, SystemCall::PORT_CALL, {.handle = calling});
  miss();
  EXPECT_EQ(client.general[6], 1u);
}

}  // namespace
}  // namespace kernel
