// SPDX-License-Identifier: Apache-2.0
//
// Capabilities passed on and taken back, by system calls: in messages, to another silo, under names; revoke of what was
// derived; the flow policy; pledges; labels.
#include "test/fakes/kernel_world.hpp"

#include "kernel/objects.hpp"
#include "kernel/published_names.hpp"
#include "kernel/transfer.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }
constexpr std::uint64_t kSendCall = bit(Right::PortSend) | bit(Right::PortCall);

/// A server (more urgent) that waits at port `service`, and a client that may send capabilities along to it.
struct CapabilityCalls : fakes::KernelWorld {
  Thread& server = make("server", 20);
  Thread& client = make("client", 10);
  std::uint32_t service = add_port(server, "service");
  std::uint64_t receive = grant_port_server(server, service);
  std::uint64_t send =
      grant(client, ObjectType::Port, service, {Right::PortSend, Right::PortCall, Right::PortTransfer}, 7);

  Thread& make(std::string_view name, std::uint8_t priority, std::uint32_t slots = 16, std::uint32_t label = 0,
               ipc::SiloSet reach = ipc::SiloSet::all()) {
    using enum abi::QuotaKind;
    abi::Quotas quotas;
    quotas[Ports] = 4;
    quotas[Channels] = 4;
    quotas[Messages] = 64;
    quotas[Transfers] = 3;
    const auto id = create_silo({.name = name,
                                 .argument = 0,
                                 .capability_slots = slots,
                                 .quotas = quotas,
                                 .label = label,
                                 .may_reach = reach})
                        .value();
    const std::uint32_t code[] = {0xd503201f};
    EXPECT_TRUE(add_region(id, {.address = base::SiloAddress(kText),
                                .size = base::PageCount(1),
                                .access = port::Access::ReadExecute,
                                .data = std::as_bytes(std::span(code)),
                                .name = "text"})
                    .ok());
    return add_thread(id, name, priority);
  }

  /// The running thread makes a port of its own; the handle with every right.
  std::uint64_t own_port() {
    const Thread& maker = call(SystemCall::PORT_CREATE);
    EXPECT_EQ(status(maker), 0);
    return maker.general[3];
  }
  void server_waits() {
    ASSERT_TRUE(is_running(server));
    call(SystemCall::PORT_RECEIVE, {.handle = receive});
  }
  /// A message of four words whose last is a handle to send along with these rights.
  static fakes::CallRegisters carrying(std::uint64_t through, std::uint64_t handle, std::uint64_t rights,
                                       std::uint64_t more_flags = 0) {
    return {.handle = through, .x1 = 5, .flags = abi::kFlagTransfer | more_flags, .words = {1, 2, rights, handle}};
  }
  std::uint64_t rights_of(std::uint64_t handle) {
    const Thread& asker = call(SystemCall::HANDLE_INFO, {.handle = handle});
    return status(asker) == 0 ? asker.general[4] : 0;
  }
  static std::uint32_t transfers_in_use(const Thread& thread) {
    return thread.silo().quota(abi::QuotaKind::Transfers).used();
  }
};

TEST_F(CapabilityCalls, P12_a_message_brings_a_capability_with_the_rights_that_were_given) {
  start();
  server_waits();
  const std::uint64_t gift = own_port();
  call(SystemCall::PORT_SEND, carrying(send, gift, bit(Right::PortSend)));
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[0], 0u);
  EXPECT_EQ(server.general[2], abi::kFlagTransfer);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_EQ(server.general[5], bit(Right::PortSend));
  const std::uint64_t got = server.general[6];
  EXPECT_EQ(rights_of(got), bit(Right::PortSend));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = got}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = got}), minus(Error::EPERM));
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(CapabilityCalls, C5_a_capability_is_taken_along_at_the_send_whatever_the_sender_does_then) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client));
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall)), 0);
  EXPECT_EQ(transfers_in_use(client), 1u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = gift}), 0);
  pass(2000);
  ASSERT_TRUE(is_running(server));
  server_waits();
  EXPECT_EQ(server.general[2], abi::kFlagTransfer);
  const std::uint64_t got = server.general[6];
  EXPECT_EQ(rights_of(got), kSendCall);
  // Its receiver is gone, so the port has ended; the capability tells.
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = got}), minus(Error::EPIPE));
}

TEST_F(CapabilityCalls, C5_refusals_of_a_transfer_send_nothing) {
  const std::uint64_t no_transfer = grant_port_client(client, service, 8);
  start();
  server_waits();
  const std::uint64_t gift = own_port();
  const auto try_with = [&](std::uint64_t through, std::uint64_t handle, std::uint64_t rights) {
    return status_of(SystemCall::PORT_SEND, carrying(through, handle, rights));
  };
  EXPECT_EQ(try_with(no_transfer, gift, kSendCall), minus(Error::EPERM)) << "the receiver did not ask for capabilities";
  EXPECT_EQ(try_with(send, gift + 64, kSendCall), minus(Error::EBADF));
  EXPECT_EQ(try_with(send, 0, kSendCall), minus(Error::EBADF));
  EXPECT_EQ(try_with(send, gift, bit(Right::ChannelSend)), minus(Error::EPERM)) << "a right it lacks";
  EXPECT_EQ(try_with(send, send, bit(Right::PortSend)), minus(Error::EPERM)) << "without Grant";
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send, .flags = abi::kFlagMove}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send, .flags = abi::kFlagAccept}), minus(Error::EINVAL));
  EXPECT_EQ(server.waiting, ipc::Waiting::PortMessage) << "nothing has arrived";
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(CapabilityCalls, E14_a_full_table_of_the_receiver_leaves_the_message_where_it_is) {
  Thread& crowded = make("crowded", 30, 8);
  const std::uint32_t inbox = add_port(crowded, "inbox");
  const std::uint64_t own = grant(crowded, ObjectType::Port, inbox, {Right::PortReceive, Right::Duplicate});
  const std::uint64_t through = grant(client, ObjectType::Port, inbox, {Right::PortSend, Right::PortTransfer});
  start();
  ASSERT_TRUE(is_running(crowded));
  std::uint64_t last = 0;
  for (;;) {
    const Thread& thread = call(SystemCall::HANDLE_DUPLICATE, {.handle = own, .words = {bit(Right::PortReceive)}});
    if (status(thread) != 0) break;
    last = thread.general[3];
  }
  call(SystemCall::PORT_RECEIVE, {.handle = own});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});  // the server
  ASSERT_TRUE(is_running(client));
  const std::uint64_t gift = own_port();
  call(SystemCall::PORT_SEND, carrying(through, gift, kSendCall));
  ASSERT_TRUE(is_running(crowded));
  EXPECT_EQ(status(crowded), minus(Error::ENOSPC)) << "a waiting receiver learns that it has no room";
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = own}), minus(Error::ENOSPC)) << "the message stays";
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = last}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = own}), 0);
  EXPECT_EQ(crowded.general[2], abi::kFlagTransfer);
  EXPECT_EQ(rights_of(crowded.general[6]), kSendCall);
}

TEST_F(CapabilityCalls, a_transfer_is_charged_until_it_is_received_or_dropped) {
  const std::uint32_t before = live_transfers();
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  const std::uint64_t gift = own_port();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall)), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall)), minus(Error::EDQUOT));
  EXPECT_EQ(live_transfers(), before + 3);
  pass(2'000'000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive}), 0);
  EXPECT_EQ(transfers_in_use(client), 2u);
  call(SystemCall::EXIT);
  EXPECT_EQ(transfers_in_use(client), 0u) << "what nobody can receive any more goes back";
  EXPECT_EQ(live_transfers(), before);
}

TEST_F(CapabilityCalls, a_call_that_times_out_in_the_queue_drops_what_it_brought) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  const std::uint64_t gift = own_port();
  auto registers = carrying(send, gift, kSendCall);
  registers.deadline = clock() + 1000;
  Thread& bystander = client;
  call(SystemCall::PORT_CALL, registers);
  pass(2000);
  EXPECT_EQ(status(bystander), minus(Error::ETIMEDOUT));
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(CapabilityCalls, P12_a_reply_brings_a_capability_to_a_caller_that_accepts_one) {
  start();
  const std::uint64_t gift = own_port();
  server_waits();
  call(SystemCall::PORT_CALL, {.handle = send, .x1 = 1});
  std::uint64_t token = server.general[8];
  auto reply = carrying(0, gift, kSendCall);
  reply.token = token;
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, reply), minus(Error::EPERM)) << "this caller did not ask for any";
  EXPECT_EQ(transfers_in_use(server), 0u);
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), 0) << "the token is not spent";
  server_waits();
  call(SystemCall::PORT_CALL, {.handle = send, .x1 = 1, .flags = abi::kFlagAccept});
  reply.token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, reply), 0);
  server_waits();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(client.general[2], abi::kFlagTransfer);
  EXPECT_EQ(rights_of(client.general[6]), kSendCall);
}

TEST_F(CapabilityCalls, N5_a_move_takes_the_senders_own_with_it) {
  start();
  server_waits();
  const std::uint64_t gift = own_port();
  auto moving = carrying(send, gift, kSendCall | bit(Right::PortReceive), abi::kFlagMove);
  EXPECT_EQ(status_of(SystemCall::PORT_CALL, moving), minus(Error::EINVAL)) << "a call waits";
  EXPECT_NE(rights_of(gift), 0u);
  call(SystemCall::PORT_SEND, moving);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(server.general[2], abi::kFlagTransfer);
  server_waits();
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = gift}), minus(Error::EBADF));
}

TEST_F(CapabilityCalls, N5_a_move_that_would_wait_is_refused_and_nothing_is_lost) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i)
    EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send}), 0);
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall, abi::kFlagMove)), minus(Error::ETIMEDOUT));
  EXPECT_NE(rights_of(gift), 0u);
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(CapabilityCalls, N2_grant_puts_an_attenuated_capability_into_another_silo) {
  const std::uint64_t child = grant(client, ObjectType::Silo, server.silo().id.value(), {Right::SiloGrant});
  const std::uint64_t watched = grant(client, ObjectType::Silo, server.silo().id.value(), {Right::SiloObserve});
  start();
  server_waits();
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {watched, kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = send, .words = {child, kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {child, bit(Right::ChannelSend)}}),
            minus(Error::EPERM));
  Thread& giver = call(SystemCall::HANDLE_GRANT, {.handle = gift, .words = {child, kSendCall}});
  ASSERT_EQ(status(giver), 0);
  const std::uint64_t there = giver.general[3];
  call(SystemCall::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(rights_of(there), kSendCall);
}

TEST_F(CapabilityCalls, N2_revoke_ends_the_whole_subtree_and_nothing_else) {
  start();
  server_waits();
  const std::uint64_t root = own_port();
  const auto derive = [&](std::uint64_t from) {
    return call(SystemCall::HANDLE_DUPLICATE,
                {.handle = from, .words = {kSendCall | bit(Right::Duplicate) | bit(Right::Grant) | bit(Right::Revoke)}})
        .general[3];
  };
  const std::uint64_t sibling = derive(root);
  const std::uint64_t base = derive(root);
  const std::uint64_t child = derive(base);
  const std::uint64_t grandchild = derive(child);
  call(SystemCall::PORT_SEND, carrying(send, grandchild, kSendCall));
  const std::uint64_t far_away = server.general[6];
  EXPECT_NE(rights_of(far_away), 0u);
  server_waits();
  Thread& revoker = call(SystemCall::HANDLE_REVOKE, {.handle = base});
  ASSERT_TRUE(is_running(client));
  EXPECT_EQ(status(revoker), 0);
  EXPECT_EQ(revoker.general[3], 3u);
  EXPECT_NE(rights_of(root), 0u);
  EXPECT_NE(rights_of(sibling), 0u);
  EXPECT_NE(rights_of(base), 0u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = child}), minus(Error::EBADF));
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = grandchild}), minus(Error::EBADF));
  call(SystemCall::PORT_SEND, {.handle = send});
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = far_away}), minus(Error::EBADF));
}

TEST_F(CapabilityCalls, N2_what_was_derived_from_a_closed_capability_is_still_revoked_from_above) {
  start();
  server_waits();
  const std::uint64_t root = own_port();
  const std::uint64_t all = kSendCall | bit(Right::Duplicate);
  const std::uint64_t middle = call(SystemCall::HANDLE_DUPLICATE, {.handle = root, .words = {all}}).general[3];
  const std::uint64_t leaf = call(SystemCall::HANDLE_DUPLICATE, {.handle = middle, .words = {all}}).general[3];
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = middle}), 0);
  EXPECT_NE(rights_of(leaf), 0u);
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = root}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_INFO, {.handle = leaf}), minus(Error::EBADF));
}

TEST_F(CapabilityCalls, B10_revoke_ends_what_is_blocked_through_the_capability) {
  const std::uint64_t child = grant(server, ObjectType::Silo, client.silo().id.value(), {Right::SiloGrant});
  start();
  const std::uint64_t mine = own_port();
  const auto give = [&] {
    const Thread& giver = call(SystemCall::HANDLE_GRANT, {.handle = mine, .words = {child, kSendCall}});
    EXPECT_EQ(status(giver), 0);
    return giver.general[3];
  };
  // A call that nobody has taken.
  std::uint64_t theirs = give();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  call(SystemCall::PORT_CALL, {.handle = theirs});
  pass(2000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0);
  EXPECT_EQ(server.general[3], 1u);
  EXPECT_EQ(status(client), minus(Error::ECANCELED));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_RECEIVE, {.handle = mine}), minus(Error::EAGAIN)) << "it has left the queue";
  // A call that the revoker itself has taken.
  theirs = give();
  call(SystemCall::PORT_RECEIVE, {.handle = mine});
  ASSERT_TRUE(is_running(client));
  call(SystemCall::PORT_CALL, {.handle = theirs});
  ASSERT_TRUE(is_running(server));
  const std::uint64_t token = server.general[8];
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0);
  EXPECT_EQ(status(client), minus(Error::ECANCELED));
  EXPECT_EQ(status_of(SystemCall::PORT_REPLY, {.token = token}), minus(Error::EPIPE)) << "nobody waits for it any more";
}

TEST_F(CapabilityCalls, N2_a_message_whose_capability_was_revoked_on_the_way_arrives_without_it) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall)), 0);
  Thread& revoker = call(SystemCall::HANDLE_REVOKE, {.handle = gift});
  EXPECT_EQ(status(revoker), 0);
  EXPECT_EQ(revoker.general[3], 1u);
  pass(2'000'000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive}), 0);
  EXPECT_EQ(server.general[2], 0u);
  EXPECT_EQ(server.general[6], 0u);
  EXPECT_EQ(server.general[3], 1u) << "the rest of the message is there";
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(CapabilityCalls, N2_revoke_needs_the_right) {
  start();
  server_waits();
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = send}), minus(Error::EPERM));
  const std::uint64_t mine = own_port();
  EXPECT_EQ(status_of(SystemCall::HANDLE_REVOKE, {.handle = mine}), 0) << "nothing is derived from it";
  EXPECT_EQ(client.general[3], 0u);
}

TEST_F(CapabilityCalls, N9_a_pledge_only_shrinks_and_is_never_undone) {
  start();
  server_waits();
  const std::uint64_t create = static_cast<std::uint64_t>(abi::Pledge::Create);
  const std::uint64_t share = static_cast<std::uint64_t>(abi::Pledge::Share);
  const std::uint64_t mine = own_port();
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = create | share}), 0);
  EXPECT_EQ(client.general[3], create | share);
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = share}), 0);
  EXPECT_EQ(status_of(SystemCall::PORT_CREATE), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = create | share}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = ~std::uint64_t{0}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = mine, .words = {kSendCall}}), 0);
  EXPECT_EQ(status_of(SystemCall::SILO_PLEDGE, {.x1 = 0}), 0);
  EXPECT_EQ(status_of(SystemCall::HANDLE_DUPLICATE, {.handle = mine, .words = {kSendCall}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, mine, kSendCall)), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::PORT_TRY_SEND, {.handle = mine}), 0) << "capabilities it has still work";
}

}  // namespace
}  // namespace kernel
