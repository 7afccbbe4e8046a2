// SPDX-License-Identifier: Apache-2.0
//
// The virtqueue against a device that the test plays: an honest one, and those that say what is not so.
#include "test/fakes/host_prelude.hpp"

#include <cstring>
#include <deque>
#include <vector>

#include "virtqueue.hpp"

namespace drivers {
namespace {

constexpr std::uint64_t kPhysical = 0x4567'8000;
constexpr std::uint16_t kEntries = 8;

struct VirtqueueTest : testing::Test {
  alignas(4096) std::byte memory[Virtqueue::kBytes];
  Virtqueue queue{memory, kPhysical, kEntries};
  std::uint16_t device_seen = 0, device_index = 0;

  template <typename T>
  T at(std::size_t offset) const {
    T value;
    std::memcpy(&value, memory + offset, sizeof value);
    return value;
  }
  template <typename T>
  void put(std::size_t offset, T value) {
    std::memcpy(memory + offset, &value, sizeof value);
  }
  std::size_t available() const { return queue.available() - kPhysical; }
  std::size_t used() const { return queue.used() - kPhysical; }

  /// The next chain that the device finds: its head, if the index says that there is one.
  std::optional<std::uint16_t> device_takes() {
    if (at<std::uint16_t>(available() + 2) == device_seen) return std::nullopt;
    return at<std::uint16_t>(available() + 4 + 2u * (device_seen++ % kEntries));
  }
  void device_gives(std::uint32_t id, std::uint32_t written) {
    put<std::uint32_t>(used() + 4 + 8u * (device_index % kEntries), id);
    put<std::uint32_t>(used() + 8 + 8u * (device_index % kEntries), written);
    put<std::uint16_t>(used() + 2, ++device_index);
  }
  std::uint16_t offered(std::initializer_list<Virtqueue::Part> parts) {
    const auto ticket = queue.offer(std::span(parts.begin(), parts.size()));
    EXPECT_TRUE(ticket.has_value());
    return ticket.value_or(99);
  }
};

TEST_F(VirtqueueTest, what_is_offered_is_a_chain_for_the_device) {
  const std::uint16_t ticket = offered({{0x1000, 16, false}, {0x2000, 512, true}, {0x3000, 1, true}});
  const auto head = device_takes();
  ASSERT_EQ(head, ticket);
  std::vector<Virtqueue::Part> found;
  for (std::uint16_t entry = *head;;) {
    const std::uint16_t flags = at<std::uint16_t>(entry * 16u + 12);
    found.push_back({at<std::uint64_t>(entry * 16u), at<std::uint32_t>(entry * 16u + 8), (flags & 2) != 0});
    if ((flags & 1) == 0) break;
    entry = at<std::uint16_t>(entry * 16u + 14);
    ASSERT_LT(entry, kEntries);
  }
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].physical, 0x1000u);
  EXPECT_FALSE(found[0].device_writes);
  EXPECT_EQ(found[1].bytes, 512u);
  EXPECT_TRUE(found[1].device_writes);
  EXPECT_TRUE(found[2].device_writes);
  EXPECT_EQ(device_takes(), std::nullopt);
  EXPECT_EQ(queue.in_flight(), 1);
  EXPECT_EQ(queue.room(), kEntries - 3);
}

TEST_F(VirtqueueTest, is_where_the_device_expects_its_parts) {
  EXPECT_EQ(queue.descriptors(), kPhysical);
  EXPECT_EQ(queue.available(), kPhysical + 16 * kEntries);
  EXPECT_EQ(queue.used(), kPhysical + 4096);
}

TEST_F(VirtqueueTest, takes_no_more_than_it_has_room_for) {
  const Virtqueue::Part parts[kEntries + 1] = {};
  EXPECT_FALSE(queue.offer(parts));
  EXPECT_FALSE(queue.offer(std::span<const Virtqueue::Part>()));
  EXPECT_TRUE(queue.offer(std::span(parts).first(kEntries)));
  EXPECT_EQ(queue.room(), 0);
  EXPECT_FALSE(queue.offer(std::span(parts).first(1)));
}

TEST_F(VirtqueueTest, no_two_chains_that_the_device_has_share_a_descriptor) {
  std::vector<std::vector<std::uint16_t>> with_device;
  for (unsigned round = 0; round < 1000; ++round) {
    const Virtqueue::Part parts[3] = {};
    while (queue.offer(std::span(parts).first(1 + round % 3))) {
      std::vector<std::uint16_t> chain{*device_takes()};
      while ((at<std::uint16_t>(chain.back() * 16u + 12) & 1) != 0)
        chain.push_back(at<std::uint16_t>(chain.back() * 16u + 14));
      ASSERT_EQ(chain.size(), 1 + round % 3);
      with_device.push_back(chain);
    }
    std::vector<bool> is_used(kEntries);
    for (const auto& chain : with_device) {
      for (const std::uint16_t entry : chain) {
        ASSERT_FALSE(is_used.at(entry)) << entry;
        is_used[entry] = true;
      }
    }
    while (queue.room() < 5) {
      const auto given = with_device.begin() + round % static_cast<unsigned>(with_device.size());
      device_gives(given->front(), 0);
      with_device.erase(given);
      Virtqueue::Finished finished;
      ASSERT_EQ(queue.take(finished), Virtqueue::Taken::One);
    }
  }
}

TEST_F(VirtqueueTest, gives_back_in_any_order_for_longer_than_the_indices_last) {
  std::deque<std::uint16_t> with_device;
  for (unsigned round = 0; round < 70'000; ++round) {
    while (queue.room() >= 2) {
      offered({{0x1000, 4, false}, {0x2000, round % 1000, true}});
      with_device.push_back(*device_takes());
    }
    // Oldest or newest, by turns.
    const std::uint16_t id = round % 3 == 0 ? with_device.back() : with_device.front();
    round % 3 == 0 ? with_device.pop_back() : with_device.pop_front();
    device_gives(id, 0);
    Virtqueue::Finished finished;
    ASSERT_EQ(queue.take(finished), Virtqueue::Taken::One);
    ASSERT_EQ(finished.ticket, id);
    ASSERT_EQ(queue.take(finished), Virtqueue::Taken::Nothing);
  }
}

TEST_F(VirtqueueTest, believes_no_index_beyond_what_the_device_has) {
  Virtqueue::Finished finished;
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nothing);
  offered({{0x1000, 4, true}});
  put<std::uint16_t>(used() + 2, 2);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
}

TEST_F(VirtqueueTest, believes_no_index_that_goes_back) {
  Virtqueue::Finished finished;
  offered({{0x1000, 4, true}});
  put<std::uint16_t>(used() + 2, 0xffff);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
}

TEST_F(VirtqueueTest, believes_no_chain_that_the_device_does_not_have) {
  for (const std::uint32_t id : {1u, 7u, 8u, 0xffffu, 0x10000u, 0xffff'ffffu}) {
    queue.reset();
    device_index = 0;
    ASSERT_EQ(offered({{0x1000, 4, true}, {0x2000, 4, true}}), 0);
    device_gives(id, 0);
    Virtqueue::Finished finished;
    EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense) << id;
  }
}

TEST_F(VirtqueueTest, believes_no_chain_twice) {
  const std::uint16_t one = offered({{0x1000, 4, true}});
  offered({{0x1000, 4, true}});
  Virtqueue::Finished finished;
  device_gives(one, 4);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::One);
  EXPECT_EQ(finished.written, 4u);
  device_gives(one, 4);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
}

TEST_F(VirtqueueTest, believes_no_length_beyond_what_the_device_may_write) {
  Virtqueue::Finished finished;
  const std::uint16_t one = offered({{0x1000, 100, false}, {0x2000, 20, true}, {0x3000, 1, true}});
  device_gives(one, 22);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
}

TEST_F(VirtqueueTest, is_of_no_use_after_nonsense_until_it_is_reset) {
  Virtqueue::Finished finished;
  offered({{0x1000, 4, true}});
  device_gives(5, 0);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
  device_gives(0, 0);
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nonsense);
  const Virtqueue::Part part{0x1000, 4, true};
  EXPECT_FALSE(queue.offer(std::span(&part, 1)));
  queue.reset();
  device_index = device_seen = 0;
  EXPECT_EQ(queue.take(finished), Virtqueue::Taken::Nothing);
  EXPECT_EQ(queue.room(), kEntries);
  EXPECT_TRUE(queue.offer(std::span(&part, 1)));
}

TEST_F(VirtqueueTest, does_not_depend_on_descriptors_that_the_device_has_overwritten) {
  Virtqueue::Finished finished;
  for (int round = 0; round < 100; ++round) {
    const std::uint16_t ticket = offered({{0x1000, 4, false}, {0x2000, 4, true}, {0x3000, 4, true}});
    std::memset(memory, 0xff, 16 * kEntries);
    device_gives(ticket, 8);
    ASSERT_EQ(queue.take(finished), Virtqueue::Taken::One);
    ASSERT_EQ(queue.room(), kEntries);
  }
}

}  // namespace
}  // namespace drivers
