// SPDX-License-Identifier: Apache-2.0
//
// The SDK's memory functions against this machine's: every short length at every alignment, random longer ones, every
// overlap. Each range is a block of the heap of exactly its size, so that AddressSanitizer sees a byte too many.
#include "memory_functions.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <vector>

namespace granary::detail {
namespace {

constexpr std::size_t kShort = 200, kLong = 5000;

class MemoryFunctions : public testing::Test {
 protected:
  std::size_t below(std::size_t limit) { return random_() % limit; }
  std::vector<Byte> noise(std::size_t bytes) {
    std::vector<Byte> made;
    made.reserve(bytes + 1);  // so that there is an address of nothing, too
    made.resize(bytes);
    for (Byte& byte : made) byte = static_cast<Byte>(random_());
    return made;
  }
  /// Calls with each length up to kShort, four times, and with random ones up to kLong.
  template <typename Function>
  void for_lengths(Function function) {
    for (std::size_t bytes = 0; bytes <= kShort; ++bytes)
      for (int i = 0; i < 4; ++i) function(bytes);
    for (int i = 0; i < 500; ++i) function(below(kLong));
  }

 private:
  std::mt19937_64 random_{20};
};

/// A range of the heap that ends where its block does, and begins at any alignment.
struct Range {
  std::unique_ptr<Byte[]> block;
  Byte* begin;
  Range(std::size_t bytes, std::size_t shift) : block(new Byte[shift + bytes]), begin(block.get() + shift) {
    std::memset(block.get(), 0xa5, shift + bytes);
  }
  bool is_untouched_before() const {
    for (const Byte* at = block.get(); at != begin; ++at)
      if (*at != 0xa5) return false;
    return true;
  }
};

TEST_F(MemoryFunctions, a_copy_is_what_it_was_made_of_and_touches_nothing_else) {
  for_lengths([&](std::size_t bytes) {
    const std::vector<Byte> contents = noise(bytes);
    const Range from(bytes, below(17)), to(bytes, below(17));
    std::memcpy(from.begin, contents.data(), bytes);
    copy_memory(to.begin, from.begin, bytes);
    ASSERT_EQ(std::memcmp(to.begin, contents.data(), bytes), 0) << bytes;
    ASSERT_TRUE(to.is_untouched_before()) << bytes;
  });
}

TEST_F(MemoryFunctions, overlapping_ranges_are_moved_as_the_library_moves_them) {
  for_lengths([&](std::size_t bytes) {
    const std::size_t apart = below(2) == 0 ? below(bytes + 20) : below(20);
    const std::size_t shift = below(17);
    const std::vector<Byte> contents = noise(bytes + apart + shift);
    for (const bool up : {false, true}) {
      const std::size_t to = shift + (up ? apart : 0), from = shift + (up ? 0 : apart);
      std::vector<Byte> ours = contents, theirs = contents;
      copy_memory(ours.data() + to, ours.data() + from, bytes);
      std::memmove(theirs.data() + to, theirs.data() + from, bytes);
      ASSERT_EQ(ours, theirs) << bytes << " bytes from " << from << " to " << to;
    }
  });
}

TEST_F(MemoryFunctions, all_of_a_range_is_filled_and_nothing_else) {
  for_lengths([&](std::size_t bytes) {
    const Range range(bytes, below(17));
    const auto value = static_cast<Byte>(below(256));
    fill_memory(range.begin, value, bytes);
    for (std::size_t i = 0; i < bytes; ++i) ASSERT_EQ(range.begin[i], value) << i << " of " << bytes;
    ASSERT_TRUE(range.is_untouched_before()) << bytes;
  });
}

TEST_F(MemoryFunctions, ranges_are_ordered_by_the_first_byte_that_differs) {
  const auto sign = [](int order) { return (order > 0) - (order < 0); };
  for_lengths([&](std::size_t bytes) {
    const Range left(bytes, below(17)), right(bytes, below(17));
    const std::vector<Byte> contents = noise(bytes);
    std::memcpy(left.begin, contents.data(), bytes);
    std::memcpy(right.begin, contents.data(), bytes);
    ASSERT_EQ(compare_memory(left.begin, right.begin, bytes), 0) << bytes;
    for (int i = 0; i < 4 && bytes != 0; ++i) {
      right.begin[below(bytes)] = static_cast<Byte>(below(256));
      ASSERT_EQ(sign(compare_memory(left.begin, right.begin, bytes)), sign(std::memcmp(left.begin, right.begin, bytes)))
          << bytes;
    }
  });
}

}  // namespace
}  // namespace granary::detail
