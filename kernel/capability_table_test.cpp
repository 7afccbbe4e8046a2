// SPDX-License-Identifier: Apache-2.0
//
// Capability table: forged, stale, neighbour and aliased handles are refused; generations never come round; rights only
// shrink; and the count of an object is the number of its capabilities after every one of many random steps.
#include "test/fakes/host_prelude.hpp"

#include "kernel/capability_table.hpp"

#include <memory>
#include <random>
#include <set>
#include <unordered_map>

#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "test/fakes/fake_arena.hpp"

namespace kernel {

struct CapabilityTableProbe {
  static Capability& entry(CapabilityTable& table, std::uint32_t slot) { return table.entries_[slot]; }
  static bool is_available(const CapabilityTable& table, std::uint32_t slot) { return table.is_available(slot); }
};

namespace {

using abi::ObjectType;
using abi::Right;
using base::Error;

constexpr std::uint64_t bits(std::initializer_list<Right> rights) {
  std::uint64_t all = 0;
  for (const Right right : rights) all |= static_cast<std::uint64_t>(right);
  return all;
}

class Table : public testing::Test {
 protected:
  explicit Table(std::uint32_t slots = 16) {
    EXPECT_TRUE(table.create(fakes::unlocked(), base::SiloId(0), slots).ok());
  }
  std::uint64_t insert(ipc::Object& object, std::uint64_t rights, std::uint64_t badge = 0, std::uint32_t end = 0) {
    return table.insert(fakes::unlocked(), Grant{&object, rights, badge, end}).value();
  }

  fakes::Arena arena{80};
  CapabilityTable table;
  ipc::Object console{ObjectType::Console};
  Silo silo{SiloSettings{.id = base::SiloId(0), .name = {}, .argument = 0, .quotas = {}}};
  ipc::MessagePool pool;
  PortObject port{pool, silo, false};
  ChannelObject channel{pool, 1, true, true, nullptr};
};

TEST(Rights, N3_belong_to_exactly_one_type_but_for_those_of_any) {
  std::uint64_t seen = 0;
  for (const ObjectType type :
       {ObjectType::Port, ObjectType::Channel, ObjectType::Console, ObjectType::Silo, ObjectType::System,
        ObjectType::AsyncChannel, ObjectType::Notification, ObjectType::Semaphore, ObjectType::Timer,
        ObjectType::Region, ObjectType::Audit, ObjectType::Trace}) {
    const std::uint64_t any = bits({Right::Duplicate, Right::Grant, Right::Revoke});
    const std::uint64_t own = rights_of_type(type) & ~any;
    EXPECT_EQ(rights_of_type(type) & any, any);
    EXPECT_EQ(seen & own, 0u);
    EXPECT_NE(own, 0u);
    seen |= own;
  }
  EXPECT_EQ(rights_of_type(ObjectType::Port),
            bits({Right::Duplicate, Right::Grant, Right::Revoke, Right::PortSend, Right::PortCall, Right::PortReceive,
                  Right::PortDestroy, Right::PortTransfer}));
  EXPECT_EQ(rights_of_type(ObjectType::None), 0u);
}

TEST_F(Table, refuses_sizes_that_are_no_power_of_two_in_the_permitted_range) {
  for (const std::uint32_t slots : {0u, 1u, 4u, 7u, 9u, 100u, 4095u, 8192u, 0x80000000u, 0xffffffffu}) {
    CapabilityTable other;
    EXPECT_EQ(other.create(fakes::unlocked(), base::SiloId(0), slots).error(), Error::EINVAL) << slots;
  }
  EXPECT_EQ(table.create(fakes::unlocked(), base::SiloId(0), 16).error(), Error::EINVAL);  // twice
  CapabilityTable largest;
  EXPECT_TRUE(largest.create(fakes::unlocked(), base::SiloId(0), 4096).ok());
  EXPECT_EQ(largest.room(), 4095u);
  CapabilityTable no_memory;
  EXPECT_EQ(no_memory.create(fakes::unlocked(), base::SiloId(0), 4096).error(), Error::ENOMEM);
}

TEST_F(Table, gives_manifest_handles_in_slot_order_with_generation_1) {
  EXPECT_EQ(insert(console, 0), abi::make_manifest_handle(1));
  EXPECT_EQ(insert(console, 0), abi::make_manifest_handle(2));
  EXPECT_EQ(table.insert_at(fakes::unlocked(), 9, Grant{&console, 0, 0, 0}).value(), abi::make_manifest_handle(9));
  EXPECT_EQ(table.insert_at(fakes::unlocked(), 9, Grant{&console, 0, 0, 0}).error(), Error::EEXIST);
  EXPECT_EQ(table.insert_at(fakes::unlocked(), 0, Grant{&console, 0, 0, 0}).error(), Error::EINVAL);
  EXPECT_EQ(table.insert_at(fakes::unlocked(), 16, Grant{&console, 0, 0, 0}).error(), Error::EINVAL);
  EXPECT_EQ(table.insert_at(fakes::unlocked(), ~0u, Grant{&console, 0, 0, 0}).error(), Error::EINVAL);
  for (int i = 0; i < 12; ++i) insert(console, 0);
  EXPECT_EQ(table.insert(fakes::unlocked(), Grant{&console, 0, 0, 0}).error(), Error::ENOSPC);
  EXPECT_EQ(console.references, 15u);
}

TEST_F(Table, F5_finds_what_was_put_in) {
  insert(console, 0);
  const std::uint64_t handle = insert(channel, bits({Right::ChannelSend}), 77, 1);
  const Capability& found = *table.lookup(handle, Right::ChannelSend).value();
  EXPECT_EQ(found.object, &channel);
  EXPECT_EQ(found.badge, 77u);
  EXPECT_EQ(found.end, 1u);
  EXPECT_EQ(table.lookup(handle).value(), &found);
  EXPECT_EQ(table.lookup(handle, ObjectType::Channel).value(), &found);
}

TEST_F(Table, tells_a_wrong_type_or_a_missing_right_from_a_bad_handle) {
  const std::uint64_t handle = insert(port, bits({Right::PortSend}));
  EXPECT_EQ(table.lookup(handle, Right::PortReceive).error(), Error::EPERM);
  EXPECT_EQ(table.lookup(handle, Right::ChannelSend).error(), Error::EPERM);
  EXPECT_EQ(table.lookup(handle, Right::Duplicate).error(), Error::EPERM);
  EXPECT_EQ(table.lookup(handle, ObjectType::Channel).error(), Error::EPERM);
  EXPECT_EQ(table.lookup(handle + 1, Right::PortSend).error(), Error::EBADF);
  EXPECT_EQ(table.lookup(handle + 1, ObjectType::Port).error(), Error::EBADF);
}

TEST_F(Table, E3_refuses_every_handle_but_the_real_ones) {
  const std::uint64_t one = insert(console, 0);
  const std::uint64_t two = insert(console, 0);
  const std::uint64_t three = insert(console, 0);
  ASSERT_TRUE(table.remove(fakes::unlocked(), two).ok());
  const std::set<std::uint64_t> real = {one, three};
  std::vector<std::uint64_t> forged = {0, ~std::uint64_t{0}, two, 1, 63, 64, 1u << 6, std::uint64_t{1} << 32};
  for (const std::uint64_t handle : {one, two, three}) {
    for (unsigned bit = 0; bit < 64; ++bit) forged.push_back(handle ^ (std::uint64_t{1} << bit));
    forged.push_back(handle + 64 * 16);      // the same slot after masking
    forged.push_back(handle | 0xffff'fc00);  // index bits beyond the table
    forged.push_back(handle + (std::uint64_t{1} << 32));
  }
  for (std::uint32_t generation = 0; generation < 40; ++generation) {
    for (std::uint32_t index = 0; index < 100; ++index) forged.push_back(abi::make_handle(generation, index));
  }
  std::mt19937_64 random(2);
  for (int i = 0; i < 100'000; ++i) forged.push_back(random());
  for (const std::uint64_t handle : forged) {
    ASSERT_EQ(table.lookup(handle).ok(), real.contains(handle)) << std::hex << handle;
    if (real.contains(handle)) continue;
    ASSERT_EQ(table.lookup(handle).error(), Error::EBADF);
    ASSERT_EQ(table.remove(fakes::unlocked(), handle).error(), Error::EBADF);
    ASSERT_EQ(table.duplicate(fakes::unlocked(), handle, 0).error(), Error::EBADF);
  }
}

TEST_F(Table, B6_refuses_a_stale_handle_after_its_slot_is_used_again) {
  const std::uint64_t old = insert(console, bits({Right::ConsoleWrite}));
  ASSERT_TRUE(table.remove(fakes::unlocked(), old).ok());
  EXPECT_EQ(table.lookup(old).error(), Error::EBADF);
  const std::uint64_t young = insert(port, bits({Right::PortSend}));
  EXPECT_EQ(young & 0xffffffff, old & 0xffffffff);  // the same slot
  EXPECT_NE(young, old);
  EXPECT_EQ(table.lookup(old, Right::ConsoleWrite).error(), Error::EBADF);
  EXPECT_EQ(table.remove(fakes::unlocked(), old).error(), Error::EBADF);
  EXPECT_TRUE(table.lookup(young, Right::PortSend).ok());
}

TEST_F(Table, leaves_nothing_of_a_capability_in_a_free_slot) {
  const std::uint64_t handle = insert(port, bits({Right::PortSend}), 123);
  ASSERT_TRUE(table.remove(fakes::unlocked(), handle).ok());
  const Capability& free = CapabilityTableProbe::entry(table, 1);
  EXPECT_EQ(free.object->type, ObjectType::None);
  EXPECT_EQ(free.rights, 0u);
  EXPECT_EQ(free.badge, 0u);
}

TEST_F(Table, E13_retires_a_slot_whose_generations_are_used_up) {
  const std::uint64_t first = insert(console, 0);
  ASSERT_TRUE(table.remove(fakes::unlocked(), first).ok());
  CapabilityTableProbe::entry(table, 1).generation = 0xfffffffe;
  const std::uint64_t late = insert(console, 0);
  EXPECT_EQ(late, abi::make_handle(0xfffffffe, 1));
  ASSERT_TRUE(table.remove(fakes::unlocked(), late).ok());
  const std::uint64_t last = insert(console, 0);
  EXPECT_EQ(last, abi::make_handle(0xffffffff, 1));
  ASSERT_TRUE(table.remove(fakes::unlocked(), last).ok());
  EXPECT_FALSE(CapabilityTableProbe::is_available(table, 1));
  EXPECT_EQ(table.room(), 14u);
  for (int i = 0; i < 14; ++i) EXPECT_NE((insert(console, 0) >> abi::kHandleIndexShift) & 0xf, 1u);
  EXPECT_EQ(table.insert(fakes::unlocked(), Grant{&console, 0, 0, 0}).error(), Error::ENOSPC);
  EXPECT_EQ(table.insert_at(fakes::unlocked(), 1, Grant{&console, 0, 0, 0}).error(), Error::EEXIST);
  for (const std::uint64_t handle : {first, late, last}) EXPECT_EQ(table.lookup(handle).error(), Error::EBADF);
}

TEST_F(Table, N2_N3_duplicates_only_with_the_right_to_and_with_no_more_rights) {
  const std::uint64_t first = insert(port, bits({Right::Duplicate, Right::PortSend, Right::PortCall}), 9);
  const std::uint64_t weaker = table.duplicate(fakes::unlocked(), first, bits({Right::PortSend})).value();
  EXPECT_EQ(table.lookup(weaker).value()->badge, 9u);
  EXPECT_EQ(table.lookup(weaker, Right::PortCall).error(), Error::EPERM);
  EXPECT_EQ(table.duplicate(fakes::unlocked(), weaker, 0).error(), Error::EPERM);
  EXPECT_EQ(table.duplicate(fakes::unlocked(), first, bits({Right::PortReceive})).error(), Error::EPERM);
  EXPECT_EQ(table.duplicate(fakes::unlocked(), first, ~std::uint64_t{0}).error(), Error::EPERM);
  EXPECT_EQ(port.references, 2u);
  while (table.room() > 0) insert(console, 0);
  EXPECT_EQ(table.duplicate(fakes::unlocked(), first, 0).error(), Error::ENOSPC);
  EXPECT_EQ(port.references, 2u);
}

TEST_F(Table, says_when_the_last_capability_of_an_object_goes) {
  const std::uint64_t one = insert(console, bits({Right::Duplicate}));
  const std::uint64_t two = table.duplicate(fakes::unlocked(), one, 0).value();
  EXPECT_FALSE(table.remove(fakes::unlocked(), one).value().is_last);
  const Departure last = table.remove(fakes::unlocked(), two).value();
  EXPECT_TRUE(last.is_last);
  EXPECT_EQ(last.object, &console);
  EXPECT_EQ(console.references, 0u);
}

TEST_F(Table, says_when_the_last_receiver_of_a_port_goes) {
  const std::uint64_t sender = insert(port, bits({Right::PortSend}));
  const std::uint64_t receiver = insert(port, bits({Right::PortReceive, Right::Duplicate}));
  const std::uint64_t second = table.duplicate(fakes::unlocked(), receiver, bits({Right::PortReceive})).value();
  EXPECT_EQ(port.givers, 2u);
  EXPECT_FALSE(table.remove(fakes::unlocked(), receiver).value().is_last_giver);
  const Departure departure = table.remove(fakes::unlocked(), second).value();
  EXPECT_TRUE(departure.is_last_giver);
  EXPECT_FALSE(departure.is_last);
  const Departure last = table.remove(fakes::unlocked(), sender).value();
  EXPECT_FALSE(last.is_last_giver);
  EXPECT_TRUE(last.is_last);
}

TEST_F(Table, counts_the_ends_of_a_channel_apart) {
  const std::uint64_t zero = insert(channel, 0, 0, 0);
  const std::uint64_t one = insert(channel, bits({Right::Duplicate}), 0, 1);
  const std::uint64_t again = table.duplicate(fakes::unlocked(), one, 0).value();
  const Departure first = table.remove(fakes::unlocked(), zero).value();
  EXPECT_TRUE(first.is_last_of_end);
  EXPECT_EQ(first.end, 0u);
  EXPECT_FALSE(first.is_last);
  EXPECT_FALSE(table.remove(fakes::unlocked(), one).value().is_last_of_end);
  const Departure last = table.remove(fakes::unlocked(), again).value();
  EXPECT_TRUE(last.is_last_of_end);
  EXPECT_EQ(last.end, 1u);
  EXPECT_TRUE(last.is_last);
}

TEST_F(Table, gives_up_everything_in_bounded_steps) {
  CapabilityTable large;
  ASSERT_TRUE(large.create(fakes::unlocked(), base::SiloId(0), 1024).ok());
  for (const std::uint32_t slot : {1u, 500u, 1023u}) {
    ASSERT_TRUE(large.insert_at(fakes::unlocked(), slot, Grant{&console, 0, 0, 0}).ok());
  }
  int removed = 0;
  int steps = 0;
  for (;; ++steps) {
    ASSERT_LT(steps, 40);
    const auto departure = large.remove_any(fakes::unlocked());
    if (departure.ok()) {
      ++removed;
    } else if (departure.error() == Error::ENOENT) {
      break;
    } else {
      ASSERT_EQ(departure.error(), Error::EAGAIN);
    }
  }
  EXPECT_EQ(removed, 3);
  EXPECT_GE(steps, 1024 / 64);
  EXPECT_EQ(console.references, 0u);
  EXPECT_EQ(large.live(), 0u);
  EXPECT_EQ(large.room(), 1023u);
}

TEST_F(Table, C7_keeps_every_count_over_a_million_random_steps_and_never_repeats_a_handle) {
  CapabilityTable small;
  ASSERT_TRUE(small.create(fakes::unlocked(), base::SiloId(0), 64).ok());
  ipc::Object objects[3] = {ipc::Object(ObjectType::Console), ipc::Object(ObjectType::Silo),
                            ipc::Object(ObjectType::System)};
  const std::uint64_t all = ~std::uint64_t{0};
  std::unordered_map<std::uint64_t, ipc::Object*> live;
  std::vector<std::uint64_t> handles;
  std::set<std::uint64_t> ever;
  std::uint64_t dead = 0;
  std::mt19937 random(13);
  for (int step = 0; step < 1'000'000; ++step) {
    const std::size_t which = handles.empty() ? 0 : random() % handles.size();
    switch (random() % 4) {
      case 0:
      case 1: {
        ipc::Object& object = objects[random() % 3];
        const auto made = random() % 2 == 0 || handles.empty()
                              ? small.insert(fakes::unlocked(), Grant{&object, all, 0, 0})
                              : small.duplicate(fakes::unlocked(), handles[which], all);
        ASSERT_EQ(made.ok(), live.size() < 63);
        if (!made.ok()) break;
        if (step < 200'000) {
          ASSERT_TRUE(ever.insert(made.value()).second);
        }
        ASSERT_TRUE(live.emplace(made.value(), small.lookup(made.value()).value()->object).second);
        handles.push_back(made.value());
        break;
      }
      case 2:
        if (handles.empty()) break;
        dead = handles[which];
        ASSERT_EQ(small.remove(fakes::unlocked(), dead).value().object, live[dead]);
        live.erase(dead);
        handles[which] = handles.back();
        handles.pop_back();
        break;
      default:
        ASSERT_EQ(small.lookup(dead).ok(), live.contains(dead));
        if (!handles.empty()) {
          ASSERT_EQ(small.lookup(handles[which]).value()->object, live[handles[which]]);
        }
    }
    ASSERT_EQ(objects[0].references + objects[1].references + objects[2].references, live.size());
    ASSERT_EQ(small.live(), live.size());
    ASSERT_EQ(small.room(), 63 - live.size());
  }
  for (const std::uint64_t handle : handles) ASSERT_TRUE(small.remove(fakes::unlocked(), handle).ok());
  for (const ipc::Object& object : objects) EXPECT_EQ(object.references, 0u);
}

}  // namespace
}  // namespace kernel
