// SPDX-License-Identifier: Apache-2.0
//
// What all objects share: quotas come back, every step is bounded, and after any sequence of create, duplicate, use and
// close nothing is left.
#include "test/fakes/objects_world.hpp"

#include <deque>
#include <memory>
#include <random>

namespace kernel {
namespace {

using abi::Right;
using base::Error;
using ipc::Blocking;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

struct Objects : fakes::ObjectsWorld {};

TEST_F(Objects, B8_quotas_are_refused_with_edquot_and_nothing_changes) {
  Silo& silo = make_silo("greedy", 2);
  ASSERT_TRUE(create_port(fakes::unlocked(), silo).ok());
  ASSERT_TRUE(create_port(fakes::unlocked(), silo).ok());
  EXPECT_EQ(create_port(fakes::unlocked(), silo).error(), Error::EDQUOT);
  EXPECT_EQ(create_channel(fakes::unlocked(), silo, 17).error(), Error::EDQUOT);  // 34 of 32 message slots
  EXPECT_EQ(silo.quota(abi::QuotaKind::Channels).used(), 0u);
  ASSERT_TRUE(create_channel(fakes::unlocked(), silo, 8).ok());
  EXPECT_EQ(silo.quota(abi::QuotaKind::Messages).used(), 16u);
  ASSERT_TRUE(create_channel(fakes::unlocked(), silo, 1).ok());
  EXPECT_EQ(create_channel(fakes::unlocked(), silo, 1).error(), Error::EDQUOT);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Messages).used(), 18u);
  EXPECT_EQ(silo.capabilities.live(), 6u);
}

TEST_F(Objects, what_a_quota_permits_needs_no_memory_that_another_silo_could_have_taken) {
  Silo& first = make_silo("first", 16);
  Silo& second = make_silo("second", 16);
  while (allocate_kernel_page(fakes::unlocked()).ok()) {
  }
  for (Silo* const silo : {&first, &second}) {
    for (int i = 0; i < 16; ++i) ASSERT_TRUE(create_port(fakes::unlocked(), *silo).ok());
    for (int i = 0; i < 15; ++i) ASSERT_TRUE(create_channel(fakes::unlocked(), *silo, 8).ok());
    ASSERT_TRUE(create_channel(fakes::unlocked(), *silo, 1).ok());
  }
}

TEST_F(Objects, everything_of_a_stopped_silo_ends) {
  Silo& owner = make_silo("owner");
  Silo& client = make_silo("client");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  PortObject& port = port_at(owner, handle);
  ASSERT_TRUE(client.capabilities.insert(fakes::unlocked(), Grant{&port, bit(Right::PortCall), 3, 0}).ok());
  ASSERT_TRUE(create_channel(fakes::unlocked(), owner, 4).ok());
  ipc::Party caller;
  ASSERT_EQ(port.call(fakes::unlocked(), caller, message, 3, wakes), Outcome::Blocked);
  give_up_capabilities(owner);
  give_up_capabilities(owner);
  EXPECT_THAT(finish(), testing::ElementsAre(&caller));
  EXPECT_EQ(owner.quota(abi::QuotaKind::Channels).used(), 0u);
  EXPECT_EQ(owner.quota(abi::QuotaKind::Ports).used(), 1u);  // the client's capability still names it
  EXPECT_EQ(port.call(fakes::unlocked(), caller, message, 3, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(caller), Error::EPIPE);
  give_up_capabilities(client);
  finish();
  EXPECT_EQ(owner.quota(abi::QuotaKind::Ports).used(), 0u);
}

TEST_F(Objects, a_stopped_silo_keeps_nothing_wherever_in_its_table_it_lies) {
  Silo& silo = make_silo("sparse", 4, 4096);
  const Grant grant{&console_object(), 0, 0, 0};
  const std::uint32_t references = console_object().references;
  for (const std::uint32_t slot : {1u, 700u, 701u, 4095u}) {
    ASSERT_TRUE(silo.capabilities.insert_at(fakes::unlocked(), slot, grant).ok());
  }
  give_up_capabilities(silo);
  finish();
  EXPECT_EQ(silo.capabilities.live(), 0u);
  EXPECT_EQ(console_object().references, references);
}

TEST_F(Objects, a_manifest_object_is_charged_to_nobody_and_goes_with_its_last_capability) {
  Silo& owner = make_silo("owner", 0);
  PortObject& port = *make_manifest_port(fakes::unlocked(), owner, "command").value();
  ChannelObject& channel = *make_manifest_channel(fakes::unlocked(), "samples", 4, true, false).value();
  EXPECT_EQ(port.name.view(), "command");
  EXPECT_EQ(object_counts(fakes::unlocked()).messages.reserved, before.messages.reserved + 16 + 4);
  const std::uint64_t all = rights_of_type(abi::ObjectType::Port);
  const std::uint64_t receive = owner.capabilities.insert(fakes::unlocked(), Grant{&port, all, 0, 0}).value();
  const std::uint64_t end = owner.capabilities.insert(fakes::unlocked(), Grant{&channel, 0, 0, 0}).value();
  settle_manifest_object(fakes::unlocked(), port);
  EXPECT_FALSE(reap_pending(this_core()));
  settle_manifest_object(fakes::unlocked(), channel);
  finish();
  EXPECT_FALSE(channel.statistics(fakes::unlocked(), 0).other_end_alive);  // nobody has end 1
  EXPECT_TRUE(channel.statistics(fakes::unlocked(), 0).this_end_alive);
  EXPECT_EQ(object_counts(fakes::unlocked()).channels, before.channels + 1);
  close(owner, receive);
  close(owner, end);
  finish();
  EXPECT_EQ(object_counts(fakes::unlocked()).channels, before.channels);
}

TEST_F(Objects, manifest_objects_that_nobody_names_are_freed_at_start) {
  Silo& owner = make_silo("owner");
  settle_manifest_object(fakes::unlocked(), *make_manifest_port(fakes::unlocked(), owner, "unused").value());
  settle_manifest_object(fakes::unlocked(), *make_manifest_channel(fakes::unlocked(), "idle", 2, true, true).value());
  finish();
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
  EXPECT_EQ(object_counts(fakes::unlocked()).channels, before.channels);
}

TEST_F(Objects, C7_nothing_is_left_after_a_million_random_steps) {
  Silo* const both[2] = {&make_silo("one", 6), &make_silo("two", 6)};
  std::vector<std::uint64_t> handles[2];
  std::deque<ipc::Party> parties(24);
  std::mt19937 random(17);
  const auto free_party = [&]() -> ipc::Party* {
    ipc::Party& party = parties[random() % parties.size()];
    return party.waiting == Waiting::Nothing ? &party : nullptr;
  };
  const auto drain_wakes = [&] {
    while (wakes.pop_front() != nullptr) {
    }
  };
  for (int i = 0; i < 1'000'000; ++i) {
    const std::size_t who = random() % 2;
    Silo& silo = *both[who];
    auto& mine = handles[who];
    const std::size_t which = mine.empty() ? 0 : random() % mine.size();
    switch (random() % 12) {
      case 0: {
        const auto made = create_port(fakes::unlocked(), silo);
        if (made.ok()) mine.push_back(made.value());
        break;
      }
      case 1: {
        const auto made = create_channel(fakes::unlocked(), silo, 1 + random() % 8);
        if (!made.ok()) break;
        mine.push_back(made.value().end[0]);
        mine.push_back(made.value().end[1]);
        break;
      }
      case 2: {
        if (mine.empty()) break;
        const std::uint64_t rights = silo.capabilities.lookup(mine[which]).value()->rights & (random() | 1u);
        const auto made = silo.capabilities.duplicate(fakes::unlocked(), mine[which], rights);
        if (made.ok()) mine.push_back(made.value());
        break;
      }
      case 3:
      case 4:
        if (mine.empty()) break;
        ASSERT_TRUE(close_handle(fakes::unlocked(), silo, mine[which]).ok());
        ASSERT_EQ(close_handle(fakes::unlocked(), silo, mine[which]).error(), Error::EBADF);
        mine[which] = mine.back();
        mine.pop_back();
        break;
      case 5: {  // the other silo gets one, as the manifest would give it
        if (mine.empty()) break;
        const Capability& given = *silo.capabilities.lookup(mine[which]).value();
        const std::uint64_t kept = given.rights & ~(bit(Right::PortReceive) | bit(Right::PortDestroy));
        const auto made =
            both[1 - who]->capabilities.insert(fakes::unlocked(), Grant{given.object, kept, 1, given.end});
        if (made.ok()) handles[1 - who].push_back(made.value());
        break;
      }
      case 6:
        if (mine.empty() || random() % 8 != 0) break;
        if (const auto found = silo.capabilities.lookup(mine[which], Right::PortDestroy); found.ok()) {
          destroy_port(port_of(*found.value()));
        }
        break;
      case 7: {
        ipc::Party* const party = free_party();
        if (mine.empty() || party == nullptr) break;
        const auto found = silo.capabilities.lookup(mine[which], Right::PortSend);
        if (found.ok()) {
          static_cast<void>(
              port_of(*found.value()).send(fakes::unlocked(), *party, message, 0, Blocking::MayBlock, wakes));
        }
        break;
      }
      case 8: {
        ipc::Party* const party = free_party();
        if (mine.empty() || party == nullptr) break;
        const auto found = silo.capabilities.lookup(mine[which], Right::PortCall);
        if (found.ok()) static_cast<void>(port_of(*found.value()).call(fakes::unlocked(), *party, message, 0, wakes));
        break;
      }
      case 9: {
        ipc::Party& server = thread_of(silo);
        if (mine.empty() || server.waiting != Waiting::Nothing) break;
        const auto found = silo.capabilities.lookup(mine[which], Right::PortReceive);
        if (!found.ok()) break;
        const Blocking blocking = random() % 4 == 0 ? Blocking::MayBlock : Blocking::DoNotBlock;
        static_cast<void>(port_of(*found.value()).receive(fakes::unlocked(), server, blocking, wakes));
        const std::uint64_t token = server.completion.delivery.token;
        if (server.waiting == Waiting::Nothing && token != 0 && random() % 4 != 0) {
          static_cast<void>(ipc::reply(server, token, message, wakes));
        }
        break;
      }
      case 10: {
        ipc::Party* const party = free_party();
        if (mine.empty() || party == nullptr) break;
        const auto found = silo.capabilities.lookup(mine[which], abi::ObjectType::Channel);
        if (!found.ok()) break;
        ChannelObject& channel = channel_of(*found.value());
        const unsigned end = found.value()->end;
        if (random() % 2 == 0) {
          static_cast<void>(channel.send(fakes::unlocked(), *party, end, message, 0, Blocking::MayBlock, wakes));
        } else {
          static_cast<void>(channel.receive(fakes::unlocked(), *party, end, Blocking::MayBlock, wakes));
        }
        break;
      }
      default: static_cast<void>(reap(fakes::unlocked(), this_core(), wakes));
    }
    drain_wakes();
    if (random() % 64 == 0) ipc::cancel(parties[random() % parties.size()], Error::ETIMEDOUT);
    if (random() % 64 == 0) ipc::cancel(thread_of(silo), Error::ETIMEDOUT);
    if (random() % 256 == 0) ipc::party_dies(thread_of(silo), wakes);
    drain_wakes();
  }
  for (std::size_t who = 0; who < 2; ++who) {
    for (const std::uint64_t handle : handles[who]) close(*both[who], handle);
  }
  finish();
  for (Silo* const silo : both) ipc::party_dies(thread_of(*silo), wakes);
  drain_wakes();
  for (const ipc::Party& party : parties) EXPECT_EQ(party.waiting, Waiting::Nothing);
}

}  // namespace
}  // namespace kernel
