// SPDX-License-Identifier: Apache-2.0
//
// The kernel's memcpy family beside the host's, over every small length and alignment and with overlap in both
// directions. The source is included under other names, because the host has its own.
#include "test/fakes/host_prelude.hpp"

#include <cstring>

#define memcpy kernel_memcpy
#define memmove kernel_memmove
#define memset kernel_memset
#define memcmp kernel_memcmp
#include "kernel/base/memory_functions.cpp"
#undef memcpy
#undef memmove
#undef memset
#undef memcmp

namespace {

constexpr std::size_t kSize = 160;

struct Bytes {
  alignas(16) unsigned char at[kSize];
};

Bytes numbered() {
  Bytes bytes;
  for (std::size_t i = 0; i < kSize; ++i) bytes.at[i] = static_cast<unsigned char>(i + 1);
  return bytes;
}

TEST(MemoryFunctionsTest, memcpy_copies_exactly_what_it_is_told) {
  const Bytes from = numbered();
  for (std::size_t to_offset = 0; to_offset < 17; ++to_offset) {
    for (std::size_t from_offset = 0; from_offset < 17; ++from_offset) {
      for (std::size_t length = 0; length < 70; ++length) {
        Bytes expected = {}, found = {};
        std::memcpy(expected.at + to_offset, from.at + from_offset, length);
        ASSERT_EQ(kernel_memcpy(found.at + to_offset, from.at + from_offset, length), found.at + to_offset);
        ASSERT_EQ(std::memcmp(&expected, &found, sizeof expected), 0)
            << to_offset << " " << from_offset << " " << length;
      }
    }
  }
}

TEST(MemoryFunctionsTest, memmove_survives_every_overlap) {
  for (std::size_t to_offset = 0; to_offset < 40; ++to_offset) {
    for (std::size_t from_offset = 0; from_offset < 40; ++from_offset) {
      for (const std::size_t length : {0u, 1u, 7u, 8u, 15u, 16u, 17u, 32u, 64u, 100u}) {
        Bytes expected = numbered(), found = numbered();
        std::memmove(expected.at + to_offset, expected.at + from_offset, length);
        ASSERT_EQ(kernel_memmove(found.at + to_offset, found.at + from_offset, length), found.at + to_offset);
        ASSERT_EQ(std::memcmp(&expected, &found, sizeof expected), 0)
            << to_offset << " " << from_offset << " " << length;
      }
    }
  }
}

TEST(MemoryFunctionsTest, memset_fills_exactly_what_it_is_told) {
  for (std::size_t offset = 0; offset < 17; ++offset) {
    for (std::size_t length = 0; length < 70; ++length) {
      for (const int value : {0, 0x5a, 0x1ff, -1}) {
        Bytes expected = numbered(), found = numbered();
        std::memset(expected.at + offset, value, length);
        ASSERT_EQ(kernel_memset(found.at + offset, value, length), found.at + offset);
        ASSERT_EQ(std::memcmp(&expected, &found, sizeof expected), 0) << offset << " " << length << " " << value;
      }
    }
  }
}

TEST(MemoryFunctionsTest, memcmp_compares_unsigned_bytes_up_to_the_first_that_differs) {
  EXPECT_EQ(kernel_memcmp("abc", "abd", 2), 0);
  EXPECT_LT(kernel_memcmp("abc", "abd", 3), 0);
  EXPECT_GT(kernel_memcmp("\x80", "\x7f", 1), 0);
  EXPECT_EQ(kernel_memcmp("a", "b", 0), 0);
}

}  // namespace
