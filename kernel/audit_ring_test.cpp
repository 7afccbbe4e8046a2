// SPDX-License-Identifier: Apache-2.0
//
// The audit's ring by itself: order, shares, repeats, drops; and a flood against a reference.
#include "test/fakes/host_prelude.hpp"

#include <deque>
#include <random>

#include "kernel/audit_ring.hpp"

namespace kernel {
namespace {

AuditEvent denial(std::uint64_t call, std::uint64_t error) {
  return {.category = abi::AuditCategory::Denial, .what = call, .detail = error};
}
AuditEvent life(abi::AuditLife what) {
  return {.category = abi::AuditCategory::Lifecycle, .what = static_cast<std::uint64_t>(what)};
}
constexpr base::SiloId silo(std::uint32_t number) { return base::SiloId(number); }

struct AuditRingTest : testing::Test {
  explicit AuditRingTest(std::uint32_t silos = 4) {
    ring.begin(memory);
    ring.set_shares(silos);
  }
  bool record(std::uint32_t who, const AuditEvent& event) { return ring.record(silo(who), event, base::Ticks(++now)); }
  std::vector<abi::AuditRecord> memory = std::vector<abi::AuditRecord>(abi::kAuditCapacity);
  AuditRing ring;
  std::uint64_t now = 100;
};

TEST_F(AuditRingTest, N11_records_come_in_order_with_numbers_from_one) {
  EXPECT_TRUE(record(0, denial(201, 1)));
  EXPECT_TRUE(record(3, {.category = abi::AuditCategory::Quota,
                         .object = abi::ObjectType::Port,
                         .what = 200,
                         .detail = 122,
                         .handle = 64}));
  const auto first = ring.take();
  const auto second = ring.take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->sequence, 1u);
  EXPECT_EQ(first->time, 101u);
  EXPECT_EQ(second->sequence, 2u);
  EXPECT_EQ(second->subject, 3u | 3ull << abi::kAuditCategoryShift | 1ull << abi::kAuditObjectShift);
  EXPECT_EQ(second->handle, 64u);
  EXPECT_FALSE(ring.take());
}

TEST_F(AuditRingTest, N11_the_same_denial_again_is_counted_in_its_record) {
  record(0, denial(201, 1));
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(record(0, denial(201, 1)));
  EXPECT_TRUE(record(1, denial(201, 1))) << "of another silo it is another one";
  EXPECT_EQ(ring.statistics().unread, 2u);
  EXPECT_EQ(ring.statistics().repeats, 1000u);
  EXPECT_EQ(ring.take()->repeats, 1000u);
  EXPECT_TRUE(record(0, denial(201, 1))) << "what has been read cannot count any more";
}

TEST_F(AuditRingTest, N11_a_silo_that_alternates_fills_its_own_share_only) {
  for (int i = 0; i < 100'000; ++i) record(2, denial(200u + static_cast<unsigned>(i) % 2, 1));
  EXPECT_EQ(ring.statistics().unread, ring.share() - AuditRing::kKeptForLifecycle);
  for (std::uint32_t other : {0u, 1u, 3u}) {
    for (unsigned i = 0; i < ring.share() - AuditRing::kKeptForLifecycle; ++i)
      ASSERT_TRUE(record(other, denial(i, 9))) << "the others have all of theirs";
  }
  EXPECT_TRUE(record(2, life(abi::AuditLife::Faulted))) << "its end still finds room";
}

TEST_F(AuditRingTest, N11_what_finds_no_room_is_a_gap_and_counted_in_the_silos_last_record) {
  const std::uint32_t room = ring.share() - AuditRing::kKeptForLifecycle;
  for (std::uint32_t i = 0; i < room; ++i) ASSERT_TRUE(record(1, denial(i, 1)));
  EXPECT_FALSE(record(1, denial(5000, 1)));
  EXPECT_FALSE(record(1, denial(5001, 1)));
  EXPECT_EQ(ring.statistics().dropped, 2u);
  std::optional<abi::AuditRecord> last;
  while (const auto next = ring.take()) last = next;
  EXPECT_EQ(last->more, 2u);
  record(1, denial(5002, 1));
  EXPECT_EQ(ring.take()->sequence, last->sequence + 3) << "numbers of dropped ones are not used again";
}

TEST_F(AuditRingTest, N11_the_largest_system_has_room_for_every_silo) {
  ring.begin(memory);
  ring.set_shares(kSilosMaximum);
  for (unsigned i = 0; i < 50'000; ++i) record(0, denial(i, 1));
  for (std::uint32_t other = 1; other < kSilosMaximum; ++other) {
    EXPECT_TRUE(record(other, life(abi::AuditLife::Started)));
    EXPECT_TRUE(record(other, denial(1, 1)));
    EXPECT_TRUE(record(other, life(abi::AuditLife::Exited)));
  }
}

TEST_F(AuditRingTest, N11_without_memory_nothing_is_recorded) {
  AuditRing none;
  EXPECT_FALSE(none.record(silo(0), denial(1, 1), base::Ticks(1)));
  EXPECT_FALSE(none.take());
}

TEST_F(AuditRingTest, N11_under_a_random_flood_it_agrees_with_a_reference) {
  struct Entry {
    std::uint32_t silo;
    std::uint64_t sequence, what, detail, repeats, more;
    bool is_life;
  };
  std::mt19937 random(11);
  std::deque<Entry> wanted;
  std::uint64_t sequence = 0, dropped = 0;
  for (int step = 0; step < 200'000; ++step) {
    if (random() % 8 == 0) {
      const auto got = ring.take();
      ASSERT_EQ(got.has_value(), !wanted.empty());
      if (!got) continue;
      const Entry& entry = wanted.front();
      ASSERT_EQ(got->sequence, entry.sequence);
      ASSERT_EQ(static_cast<std::uint32_t>(got->subject), entry.silo);
      ASSERT_EQ(got->what, entry.what);
      ASSERT_EQ(got->repeats, entry.repeats);
      ASSERT_EQ(got->more, entry.more);
      wanted.pop_front();
      continue;
    }
    const std::uint32_t who = random() % 4 == 0 ? random() % 4 : 0;
    const bool is_life = random() % 50 == 0;
    const AuditEvent event = is_life ? life(abi::AuditLife::Started) : denial(random() % 3, random() % 2);
    Entry* last = nullptr;
    std::uint32_t unread = 0;
    for (Entry& entry : wanted) {
      if (entry.silo != who) continue;
      last = &entry;
      ++unread;
    }
    const bool was_recorded = record(who, event);
    if (!is_life && last != nullptr && !last->is_life && last->what == event.what && last->detail == event.detail) {
      ++last->repeats;
      ASSERT_FALSE(was_recorded);
      continue;
    }
    ++sequence;
    if (unread >= ring.share() - (is_life ? 0 : AuditRing::kKeptForLifecycle)) {
      ++dropped;
      if (last != nullptr && !last->is_life) ++last->more;
      ASSERT_FALSE(was_recorded);
      continue;
    }
    ASSERT_TRUE(was_recorded);
    wanted.push_back({who, sequence, event.what, event.detail, 0, 0, is_life});
  }
  EXPECT_EQ(ring.statistics().dropped, dropped);
  EXPECT_GT(dropped, 1000u);
}

}  // namespace
}  // namespace kernel
