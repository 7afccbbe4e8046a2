// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of channels.
#include "test/fakes/objects_world.hpp"

#include <deque>

namespace kernel {
namespace {

using abi::Right;
using base::Error;
using ipc::Blocking;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

struct ChannelObjects : fakes::ObjectsWorld {};

TEST_F(ChannelObjects, a_channel_needs_room_for_both_handles_and_a_sane_capacity) {
  Silo& silo = make_silo("small", 8, 8);
  for (const std::uint64_t capacity :
       {std::uint64_t{0}, std::uint64_t{1025}, std::uint64_t{1} << 32, ~std::uint64_t{0}}) {
    EXPECT_EQ(create_channel(fakes::unlocked(), silo, capacity).error(), Error::EINVAL);
  }
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(create_channel(fakes::unlocked(), silo, 1).ok());
  EXPECT_EQ(create_channel(fakes::unlocked(), silo, 1).error(), Error::ENOSPC);
  EXPECT_EQ(silo.capabilities.live(), 6u);
  ASSERT_TRUE(create_port(fakes::unlocked(), silo).ok());
  EXPECT_EQ(create_port(fakes::unlocked(), silo).error(), Error::ENOSPC);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 1u);
}

TEST_F(ChannelObjects, the_other_end_of_a_channel_drains_and_then_gets_epipe) {
  Silo& silo = make_silo("both");
  const ChannelHandles handles = create_channel(fakes::unlocked(), silo, 4).value();
  ChannelObject& channel = channel_at(silo, handles.end[0]);
  ipc::Party sender;
  ipc::Party receiver;
  ASSERT_EQ(channel.send(fakes::unlocked(), sender, 0, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  ASSERT_EQ(channel.send(fakes::unlocked(), sender, 1, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  const std::uint64_t again = duplicate(silo, handles.end[0], 0);
  close(silo, handles.end[0]);
  EXPECT_FALSE(reap_pending(this_core()));
  close(silo, again);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Channels).used(), 1u);
  ASSERT_EQ(channel.receive(fakes::unlocked(), receiver, 1, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_TRUE(receiver.completion.status.ok());
  ASSERT_EQ(channel.receive(fakes::unlocked(), receiver, 1, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(receiver), Error::EPIPE);
  EXPECT_EQ(channel.statistics(fakes::unlocked(), 1).discarded, 1u);
  close(silo, handles.end[1]);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Channels).used(), 0u);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Messages).used(), 0u);
}

TEST_F(ChannelObjects, whoever_waits_at_a_channel_is_let_go_when_either_end_goes) {
  Silo& silo = make_silo("both");
  const ChannelHandles handles = create_channel(fakes::unlocked(), silo, 1).value();
  ChannelObject& channel = channel_at(silo, handles.end[0]);
  ipc::Party receiver;
  std::deque<ipc::Party> senders(40);
  ASSERT_EQ(channel.receive(fakes::unlocked(), receiver, 1, Blocking::MayBlock, wakes), Outcome::Blocked);
  ASSERT_EQ(channel.send(fakes::unlocked(), senders[0], 1, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  for (std::size_t i = 1; i < 40; ++i) {
    ASSERT_EQ(channel.send(fakes::unlocked(), senders[i], 1, message, 0, Blocking::MayBlock, wakes), Outcome::Blocked);
  }
  close(silo, handles.end[0]);
  std::size_t woken = 0;
  while (reap_pending(this_core())) {
    const std::size_t count = step().size();
    EXPECT_LE(count, 16u);
    woken += count;
  }
  EXPECT_EQ(woken, 40u);
  EXPECT_EQ(error_of(receiver), Error::EPIPE);
  for (std::size_t i = 1; i < 40; ++i) EXPECT_EQ(error_of(senders[i]), Error::EPIPE);
}

}  // namespace
}  // namespace kernel
