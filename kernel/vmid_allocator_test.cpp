// SPDX-License-Identifier: Apache-2.0
//
// VMID allocator: 255 owners, none of them 0, one more is EAGAIN.
#include "test/fakes/host_prelude.hpp"

#include "kernel/vmid_allocator.hpp"

#include <set>

namespace kernel {
namespace {

using base::Error;
using base::Vmid;

TEST(VmidAllocator, gives_255_different_vmids_and_never_0_and_then_says_eagain) {
  VmidAllocator allocator;
  std::set<std::uint32_t> given;
  for (int i = 0; i < 255; ++i) EXPECT_TRUE(given.insert(allocator.allocate().value().value()).second);
  EXPECT_FALSE(given.contains(0));
  EXPECT_EQ(*given.rbegin(), 255u);
  EXPECT_EQ(allocator.allocate().error(), Error::EAGAIN);
  ASSERT_TRUE(allocator.give_back(Vmid(77)).ok());
  EXPECT_EQ(allocator.allocate().value(), Vmid(77));
  EXPECT_EQ(allocator.live(), 255u);
}

TEST(VmidAllocator, refuses_to_free_what_nobody_owns) {
  VmidAllocator allocator;
  EXPECT_EQ(allocator.give_back(Vmid(0)).error(), Error::EINVAL);
  EXPECT_EQ(allocator.give_back(Vmid(1)).error(), Error::EINVAL);
  EXPECT_EQ(allocator.give_back(Vmid(256)).error(), Error::EINVAL);
  const Vmid one = allocator.allocate().value();
  EXPECT_TRUE(allocator.give_back(one).ok());
  EXPECT_EQ(allocator.give_back(one).error(), Error::EINVAL);
  EXPECT_EQ(allocator.live(), 0u);
}

}  // namespace
}  // namespace kernel
