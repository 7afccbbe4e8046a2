// SPDX-License-Identifier: Apache-2.0
//
// The pool's promise: what is reserved is there.
#include "test/fakes/ipc_world.hpp"

namespace ipc {
namespace {

using fakes::nothing_held;

TEST(MessagePoolTest, refuses_a_reservation_beyond_its_memory_and_says_what_is_missing) {
  alignas(64) static std::byte page[4096];
  MessagePool pool;
  EXPECT_FALSE(pool.reserve(nothing_held(), 1).ok());
  EXPECT_EQ(pool.add_memory(nothing_held(), page), MessagePool::kNodesPerPage);
  const auto all = static_cast<std::uint32_t>(MessagePool::kNodesPerPage);
  EXPECT_EQ(pool.missing(nothing_held(), all + 3), 3u);
  EXPECT_TRUE(pool.reserve(nothing_held(), all).ok());
  EXPECT_EQ(pool.reserve(nothing_held(), 1).error(), base::Error::ENOMEM);
  pool.release(nothing_held(), all);
  EXPECT_EQ(pool.counts(nothing_held()).reserved, 0u);
}

TEST(MessagePoolTest, a_reserved_node_is_there_and_comes_back) {
  alignas(64) static std::byte page[4096];
  MessagePool pool;
  pool.add_memory(nothing_held(), page);
  ASSERT_TRUE(pool.reserve(nothing_held(), 2).ok());
  QueuedMessage& first = pool.take(nothing_held());
  QueuedMessage& second = pool.take(nothing_held());
  EXPECT_NE(&first, &second);
  EXPECT_EQ(pool.counts(nothing_held()).taken, 2u);
  pool.give(nothing_held(), first);
  pool.give(nothing_held(), second);
  EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
  pool.release(nothing_held(), 2);
}

TEST(MessagePoolDeathTest, taking_more_than_was_reserved_is_a_kernel_bug) {
  alignas(64) static std::byte page[4096];
  MessagePool pool;
  pool.add_memory(nothing_held(), page);
  EXPECT_DEATH(static_cast<void>(pool.take(nothing_held())), "");
}

TEST(MessagePoolDeathTest, giving_back_more_than_was_reserved_is_a_kernel_bug) {
  alignas(64) static std::byte page[4096];
  MessagePool pool;
  pool.add_memory(nothing_held(), page);
  ASSERT_TRUE(pool.reserve(nothing_held(), 2).ok());
  EXPECT_DEATH(pool.release(nothing_held(), 3), "");
  static_cast<void>(pool.take(nothing_held()));
  EXPECT_DEATH(pool.release(nothing_held(), 2), "") << "a node of it is in use";
  pool.release(nothing_held(), 1);
  EXPECT_EQ(pool.counts(nothing_held()).reserved, 1u);
}

TEST(MessagePoolDeathTest, giving_a_node_back_twice_is_a_kernel_bug) {
  alignas(64) static std::byte page[4096];
  MessagePool pool;
  pool.add_memory(nothing_held(), page);
  ASSERT_TRUE(pool.reserve(nothing_held(), 2).ok());
  QueuedMessage& node = pool.take(nothing_held());
  pool.give(nothing_held(), node);
  EXPECT_DEATH(pool.give(nothing_held(), node), "");
}

}  // namespace
}  // namespace ipc
