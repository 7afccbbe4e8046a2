// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends: quotas come back, nobody waits for ever at something that is gone, every step is bounded, and
// after any sequence of create, duplicate, use and close nothing is left.
#include "test/fakes/host_prelude.hpp"

#include "kernel/objects.hpp"

#include <deque>
#include <memory>
#include <random>

#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_memory.hpp"

namespace kernel {
namespace {

using abi::Right;
using base::Error;
using ipc::Blocking;
using ipc::Outcome;
using ipc::Waiting;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

class Objects : public testing::Test {
 protected:
  Objects() {
    fakes::initialize_kernel();
    before = object_counts(fakes::unlocked());
  }
  ~Objects() override {
    for (Silo* const silo : silos()) give_up_capabilities(*silo);
    finish();
    for (Silo* const silo : silos()) {
      EXPECT_EQ(silo->quota(abi::QuotaKind::Ports).used(), 0u);
      EXPECT_EQ(silo->quota(abi::QuotaKind::Channels).used(), 0u);
      EXPECT_EQ(silo->quota(abi::QuotaKind::Messages).used(), 0u);
      EXPECT_EQ(silo->capabilities.live(), 0u);
    }
    const ObjectCounts after = object_counts(fakes::unlocked());
    EXPECT_EQ(after.ports, before.ports);
    EXPECT_EQ(after.channels, before.channels);
    EXPECT_EQ(after.messages.taken, before.messages.taken);
    EXPECT_EQ(after.messages.reserved, before.messages.reserved);
  }

  static Silo& make_silo(std::string_view name, std::uint32_t quota = 4, std::uint32_t slots = 64) {
    const SiloDescription description{
        .name = name, .argument = 0, .capability_slots = slots, .quotas = {.limit = {quota, quota, quota * 16}}};
    const base::SiloId id = create_silo(description).value();
    const auto region = [&](std::uint64_t address, port::Access access) {
      EXPECT_TRUE(add_region(id, {base::SiloAddress(address), base::PageCount(1), access, {}}).ok());
    };
    region(0x10000, port::Access::ReadExecute);
    region(0x20000, port::Access::ReadWrite);
    EXPECT_TRUE(add_thread(id, {.name = "main",
                                .entry = base::SiloAddress(0x10000),
                                .stack_pointer = base::SiloAddress(0x21000),
                                .argument = 0,
                                .priority = base::Priority(1),
                                .core = base::CoreId(0)})
                    .ok());
    return *silos()[id.value()];
  }
  static ipc::Party& thread_of(Silo& silo) { return *silo.threads()[0]; }

  /// Whom one reap() has completed.
  std::vector<ipc::Party*> step() {
    ipc::WakeList completed;
    static_cast<void>(reap(fakes::unlocked(), completed));
    std::vector<ipc::Party*> woken;
    while (ipc::Party* const party = completed.pop_front()) woken.push_back(party);
    return woken;
  }
  std::vector<ipc::Party*> finish() {
    std::vector<ipc::Party*> woken;
    for (int steps = 0; reap_pending() && steps < 10'000; ++steps) {
      for (ipc::Party* const party : step()) woken.push_back(party);
    }
    EXPECT_FALSE(reap_pending());
    return woken;
  }
  static PortObject& port_at(Silo& silo, std::uint64_t handle) {
    return port_of(*silo.capabilities.lookup(handle).value());
  }
  static ChannelObject& channel_at(Silo& silo, std::uint64_t handle) {
    return channel_of(*silo.capabilities.lookup(handle).value());
  }
  static void close(Silo& silo, std::uint64_t handle) {
    EXPECT_TRUE(close_handle(fakes::unlocked(), silo, handle).ok());
  }
  static std::uint64_t duplicate(Silo& silo, std::uint64_t handle, std::uint64_t rights) {
    return silo.capabilities.duplicate(fakes::unlocked(), handle, rights).value();
  }
  static Error error_of(const ipc::Party& party) { return party.completion.status.error(); }

  ObjectCounts before;
  ipc::Message message{.opcode = 1, .flags = 0, .word = {1, 2, 3, 4}};
  ipc::WakeList wakes;
};

TEST_F(Objects, a_port_has_every_right_and_is_charged_until_its_last_capability_goes) {
  Silo& silo = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), silo).value();
  const Capability& capability = *silo.capabilities.lookup(handle).value();
  EXPECT_EQ(capability.rights, rights_of_type(abi::ObjectType::Port));
  EXPECT_EQ(&port_of(capability).owner, &silo);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 1u);
  EXPECT_EQ(object_counts(fakes::unlocked()).messages.reserved, before.messages.reserved + 16);
  const std::uint64_t second = duplicate(silo, handle, bit(Right::PortSend));
  close(silo, handle);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 1u);
  close(silo, second);
  finish();
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).used(), 0u);
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
}

TEST_F(Objects, quotas_are_refused_with_edquot_and_nothing_changes) {
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

TEST_F(Objects, a_channel_needs_room_for_both_handles_and_a_sane_capacity) {
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

TEST_F(Objects, callers_and_senders_get_epipe_when_the_last_receiver_closes) {
  Silo& owner = make_silo("owner");
  const std::uint64_t all = create_port(fakes::unlocked(), owner).value();
  const std::uint64_t sender = duplicate(owner, all, bit(Right::PortSend) | bit(Right::PortCall));
  PortObject& port = port_at(owner, sender);
  std::deque<ipc::Party> clients(20);
  for (int i = 0; i < 16; ++i)
    ASSERT_EQ(port.send(fakes::unlocked(), clients[0], message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  ASSERT_EQ(port.send(fakes::unlocked(), clients[1], message, 0, Blocking::MayBlock, wakes), Outcome::Blocked);
  ASSERT_EQ(port.call(fakes::unlocked(), clients[2], message, 0, wakes), Outcome::Blocked);
  close(owner, all);
  ASSERT_EQ(port.send(fakes::unlocked(), clients[3], message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(clients[3]), Error::EPIPE);  // at once, before any reap()
  EXPECT_THAT(finish(), testing::UnorderedElementsAre(&clients[1], &clients[2]));
  EXPECT_EQ(error_of(clients[1]), Error::EPIPE);
  EXPECT_EQ(error_of(clients[2]), Error::EPIPE);
  EXPECT_EQ(object_counts(fakes::unlocked()).messages.taken, before.messages.taken);  // nobody can read them
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports + 1);                // `sender` still names it
  close(owner, sender);
  finish();
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
}

TEST_F(Objects, a_destroyed_port_lets_its_owner_read_what_was_queued) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  PortObject& port = port_at(owner, handle);
  ipc::Party client;
  ASSERT_EQ(port.send(fakes::unlocked(), client, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  destroy_port(port);
  destroy_port(port);
  EXPECT_FALSE(port.is_alive());
  finish();
  ipc::Party& server = thread_of(owner);
  ASSERT_EQ(port.receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_TRUE(server.completion.status.ok());
  ASSERT_EQ(port.receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  EXPECT_EQ(error_of(server), Error::EPIPE);
}

TEST_F(Objects, completes_at_most_16_parties_in_one_step) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  std::deque<ipc::Party> callers(100);
  for (ipc::Party& caller : callers)
    ASSERT_EQ(port_at(owner, handle).call(fakes::unlocked(), caller, message, 0, wakes), Outcome::Blocked);
  close(owner, handle);
  std::size_t woken = 0;
  while (reap_pending()) {
    const std::size_t count = step().size();
    EXPECT_LE(count, 16u);
    woken += count;
  }
  EXPECT_EQ(woken, 100u);
  for (const ipc::Party& caller : callers) EXPECT_EQ(error_of(caller), Error::EPIPE);
}

TEST_F(Objects, a_call_that_was_taken_is_answered_after_its_port_is_gone) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  ipc::Party& server = thread_of(owner);
  ipc::Party caller;
  ASSERT_EQ(port_at(owner, handle).call(fakes::unlocked(), caller, message, 0, wakes), Outcome::Blocked);
  ASSERT_EQ(port_at(owner, handle).receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Completed);
  const std::uint64_t token = server.completion.delivery.token;
  close(owner, handle);
  EXPECT_THAT(finish(), testing::IsEmpty());
  EXPECT_EQ(object_counts(fakes::unlocked()).ports, before.ports);
  for (const auto& record : server.owed) EXPECT_EQ(record.port, nullptr);
  ASSERT_EQ(ipc::reply(server, token, message, wakes), Outcome::Completed);
  EXPECT_TRUE(caller.completion.status.ok());
  EXPECT_EQ(wakes.pop_front(), &caller);
}

TEST_F(Objects, a_thread_that_waits_at_a_port_its_silo_closes_is_let_go) {
  Silo& owner = make_silo("owner");
  const std::uint64_t handle = create_port(fakes::unlocked(), owner).value();
  ipc::Party& server = thread_of(owner);
  ASSERT_EQ(port_at(owner, handle).receive(fakes::unlocked(), server, Blocking::MayBlock, wakes), Outcome::Blocked);
  close(owner, handle);
  EXPECT_THAT(finish(), testing::ElementsAre(&server));
  EXPECT_EQ(error_of(server), Error::EPIPE);
}

TEST_F(Objects, the_other_end_of_a_channel_drains_and_then_gets_epipe) {
  Silo& silo = make_silo("both");
  const ChannelHandles handles = create_channel(fakes::unlocked(), silo, 4).value();
  ChannelObject& channel = channel_at(silo, handles.end[0]);
  ipc::Party sender;
  ipc::Party receiver;
  ASSERT_EQ(channel.send(fakes::unlocked(), sender, 0, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  ASSERT_EQ(channel.send(fakes::unlocked(), sender, 1, message, 0, Blocking::MayBlock, wakes), Outcome::Completed);
  const std::uint64_t again = duplicate(silo, handles.end[0], 0);
  close(silo, handles.end[0]);
  EXPECT_FALSE(reap_pending());
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

TEST_F(Objects, whoever_waits_at_a_channel_is_let_go_when_either_end_goes) {
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
  while (reap_pending()) {
    const std::size_t count = step().size();
    EXPECT_LE(count, 16u);
    woken += count;
  }
  EXPECT_EQ(woken, 40u);
  EXPECT_EQ(error_of(receiver), Error::EPIPE);
  for (std::size_t i = 1; i < 40; ++i) EXPECT_EQ(error_of(senders[i]), Error::EPIPE);
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
  EXPECT_FALSE(reap_pending());
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

TEST_F(Objects, nothing_is_left_after_a_million_random_steps) {
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
      default: static_cast<void>(reap(fakes::unlocked(), wakes));
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
