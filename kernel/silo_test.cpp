// SPDX-License-Identifier: Apache-2.0
//
// Silo: transitions happen once, the first reason is kept, quotas hold, regions do not overlap.
#include "test/fakes/host_prelude.hpp"

#include "kernel/silo.hpp"

namespace kernel {
namespace {

using abi::SiloState;
using base::Error;

port::FaultReport fault_at(std::uint64_t address) {
  port::FaultReport report{};
  report.address = address;
  return report;
}

struct SiloTest : testing::Test {
  Silo silo{SiloSettings{
      .id = base::SiloId(3), .name = base::FixedName("sensor"), .argument = 5, .quotas = {.limit = {2, 1, 64}}}};
  static Region region(std::uint64_t start, std::uint64_t pages) {
    return Region{.name = base::FixedName("r"),
                  .range = AddressRange::make(base::SiloAddress(start), base::PageCount(pages)).value(),
                  .access = port::Access::Read,
                  .frames = {}};
  }
};

TEST_F(SiloTest, knows_what_it_was_made_of) {
  EXPECT_EQ(silo.type, abi::ObjectType::Silo);
  EXPECT_EQ(silo.name.view(), "sensor");
  EXPECT_EQ(silo.id, base::SiloId(3));
  EXPECT_EQ(silo.argument, 5u);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Ports).limit(), 2u);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Channels).limit(), 1u);
  EXPECT_EQ(silo.quota(abi::QuotaKind::Messages).limit(), 64u);
}

TEST_F(SiloTest, N7_starts_once_and_not_after_its_end) {
  EXPECT_EQ(silo.state(), SiloState::Ready);
  EXPECT_TRUE(silo.start());
  EXPECT_FALSE(silo.start());
  EXPECT_EQ(silo.state(), SiloState::Running);
  EXPECT_TRUE(silo.exit(7));
  EXPECT_FALSE(silo.start());
  EXPECT_EQ(silo.state(), SiloState::Exited);
}

TEST_F(SiloTest, N7_keeps_the_first_reason_of_its_end) {
  EXPECT_TRUE(silo.start());
  EXPECT_FALSE(silo.has_stopped());
  EXPECT_TRUE(silo.fault(fault_at(0x1234), "main"));
  EXPECT_FALSE(silo.exit(0));
  EXPECT_FALSE(silo.fault(fault_at(0x9999), "other"));
  EXPECT_TRUE(silo.has_stopped());
  EXPECT_EQ(silo.state(), SiloState::Faulted);
  EXPECT_EQ(silo.fault_record().report.address, 0x1234u);
  EXPECT_EQ(silo.fault_record().thread.view(), "main");
}

TEST_F(SiloTest, exits_with_its_status_and_cannot_fault_afterwards) {
  EXPECT_TRUE(silo.start());
  EXPECT_TRUE(silo.exit(42));
  EXPECT_FALSE(silo.fault(fault_at(0), "main"));
  EXPECT_FALSE(silo.exit(43));
  EXPECT_EQ(silo.exit_status(), 42u);
  EXPECT_EQ(silo.state(), SiloState::Exited);
}

TEST(Quota, refuses_what_is_more_than_the_limit_and_charges_nothing_then) {
  Quota quota(10);
  EXPECT_TRUE(quota.charge(10).ok());
  EXPECT_EQ(quota.charge(1).error(), Error::EDQUOT);
  quota.give_back(4);
  EXPECT_EQ(quota.charge(5).error(), Error::EDQUOT);
  EXPECT_EQ(quota.charge(0xffffffff).error(), Error::EDQUOT);
  EXPECT_EQ(quota.used(), 6u);
  EXPECT_TRUE(quota.charge(4).ok());
  EXPECT_TRUE(Quota(0).charge(0).ok());
}

TEST_F(SiloTest, finds_the_region_of_an_address_and_refuses_overlaps) {
  ASSERT_TRUE(silo.add_region(region(0x10000, 2)).ok());
  ASSERT_TRUE(silo.add_region(region(0x13000, 1)).ok());
  EXPECT_EQ(silo.add_region(region(0x11000, 1)).error(), Error::EEXIST);
  EXPECT_EQ(silo.add_region(region(0xf000, 8)).error(), Error::EEXIST);
  EXPECT_EQ(silo.region_at(base::SiloAddress(0x11fff)), &silo.regions()[0]);
  EXPECT_EQ(silo.region_at(base::SiloAddress(0x12000)), nullptr);
  EXPECT_EQ(silo.region_at(base::SiloAddress(0)), nullptr);
  EXPECT_EQ(silo.region_at(base::SiloAddress(~std::uint64_t{0})), nullptr);
}

TEST_F(SiloTest, bounds_the_number_of_regions) {
  for (std::uint64_t i = 0; i < kRegionsPerSilo; ++i)
    ASSERT_TRUE(silo.add_region(region(0x10000 + i * 0x1000, 1)).ok());
  EXPECT_EQ(silo.add_region(region(0x1000000, 1)).error(), Error::ENOSPC);
}

TEST_F(SiloTest, bounds_the_number_of_threads_and_counts_the_live_ones) {
  // Never looked into: the list holds pointers only.
  alignas(64) std::byte somewhere[64];
  Thread& thread = *reinterpret_cast<Thread*>(somewhere);
  for (unsigned i = 0; i < kThreadsPerSilo; ++i) ASSERT_TRUE(silo.add_thread(thread).ok());
  EXPECT_EQ(silo.add_thread(thread).error(), Error::ENOSPC);
  EXPECT_EQ(silo.threads().size(), kThreadsPerSilo);
  for (unsigned i = 1; i < kThreadsPerSilo; ++i) EXPECT_FALSE(silo.thread_ended());
  EXPECT_TRUE(silo.thread_ended());
  EXPECT_EQ(silo.live_threads(), 0u);
}

}  // namespace
}  // namespace kernel
