// SPDX-License-Identifier: Apache-2.0
//
// Capabilities in messages: all or nothing, taken at the send, charged until received.
#include "test/fakes/capability_world.hpp"

#include "kernel/transfer.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using abi::SystemCall;
using base::Error;
using fakes::bit;
using fakes::kSendCall;

struct Transfers : fakes::CapabilityWorld {};

TEST_F(Transfers, P12_a_message_brings_a_capability_with_the_rights_that_were_given) {
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

TEST_F(Transfers, C5_a_capability_is_taken_along_at_the_send_whatever_the_sender_does_then) {
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

TEST_F(Transfers, P12_C5_refusals_of_a_transfer_send_nothing) {
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

TEST_F(Transfers, E14_a_full_table_of_the_receiver_leaves_the_message_where_it_is) {
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

TEST_F(Transfers, a_transfer_is_charged_until_it_is_received_or_dropped) {
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

TEST_F(Transfers, P12_a_call_that_was_queued_brings_its_capability) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1'000'000});
  const std::uint64_t gift = own_port();
  call(SystemCall::PORT_CALL, carrying(send, gift, kSendCall));
  pass(2'000'000);
  ASSERT_TRUE(is_running(server));
  EXPECT_EQ(status_of(SystemCall::PORT_RECEIVE, {.handle = receive}), 0);
  EXPECT_EQ(server.general[2], abi::kFlagTransfer);
  EXPECT_EQ(rights_of(server.general[6]), kSendCall);
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(Transfers, a_call_that_times_out_in_the_queue_drops_what_it_brought) {
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

TEST_F(Transfers, P12_a_call_that_waited_in_the_queue_brings_its_capability) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 1000});
  ASSERT_TRUE(is_running(client));
  const std::uint64_t gift = own_port();
  auto registers = carrying(send, gift, kSendCall);
  registers.deadline = kForever;
  call(SystemCall::PORT_CALL, registers);
  pass(2000);
  ASSERT_TRUE(is_running(server));
  server_waits();
  EXPECT_EQ(server.general[2], abi::kFlagTransfer);
  EXPECT_EQ(rights_of(server.general[6]), kSendCall);
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(Transfers, P12_a_reply_brings_a_capability_to_a_caller_that_accepts_one) {
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

TEST_F(Transfers, N5_a_move_takes_the_senders_own_with_it) {
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

TEST_F(Transfers, N5_a_move_that_would_wait_is_refused_and_nothing_is_lost) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  for (unsigned i = 0; i < abi::kPortQueueCapacity; ++i)
    EXPECT_EQ(status_of(SystemCall::PORT_SEND, {.handle = send}), 0);
  const std::uint64_t gift = own_port();
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(send, gift, kSendCall, abi::kFlagMove)), minus(Error::ETIMEDOUT));
  EXPECT_NE(rights_of(gift), 0u);
  EXPECT_EQ(transfers_in_use(client), 0u);
}

TEST_F(Transfers, N5_a_moved_region_is_paid_for_by_whoever_gets_it_and_must_be_the_senders_alone) {
  using abi::QuotaKind;
  more_quotas[QuotaKind::Regions] = 2;
  more_quotas[QuotaKind::RegionPages] = 8;
  more_quotas[QuotaKind::MappedPages] = 8;
  Thread& rich = make("rich", 40);
  const std::uint32_t inbox = add_port(rich, "inbox");
  const std::uint64_t own = grant_port_server(rich, inbox);
  Thread& giver = make("giver", 5);
  const std::uint64_t through = grant(giver, ObjectType::Port, inbox, {Right::PortSend, Right::PortTransfer});
  start();
  call(SystemCall::PORT_RECEIVE, {.handle = own});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  call(SystemCall::SLEEP_UNTIL, {.deadline = kForever});
  ASSERT_TRUE(is_running(giver));
  call(SystemCall::REGION_CREATE, {.words = {3}});
  for (int i = 0; i < 20 && !is_running(giver); ++i) pass(1000);
  ASSERT_TRUE(is_running(giver));
  const std::uint64_t region = giver.general[3];
  const std::uint64_t all = bit(Right::RegionRead) | bit(Right::RegionWrite) | bit(Right::RegionMove);
  const std::uint64_t second =
      call(SystemCall::HANDLE_DUPLICATE, {.handle = region, .words = {bit(Right::RegionRead)}}).general[3];
  EXPECT_EQ(status_of(SystemCall::PORT_SEND, carrying(through, region, all, abi::kFlagMove)), minus(Error::EBUSY))
      << "somebody else would still see it";
  EXPECT_EQ(status_of(SystemCall::HANDLE_CLOSE, {.handle = second}), 0);
  call(SystemCall::PORT_SEND, carrying(through, region, all, abi::kFlagMove));
  ASSERT_TRUE(is_running(rich));
  EXPECT_EQ(rich.general[2], abi::kFlagTransfer);
  EXPECT_EQ(giver.silo().quota(QuotaKind::RegionPages).used(), 0u);
  EXPECT_EQ(rich.silo().quota(QuotaKind::RegionPages).used(), 3u);
  EXPECT_EQ(rich.silo().quota(QuotaKind::Regions).used(), 1u);
}

}  // namespace
}  // namespace kernel
