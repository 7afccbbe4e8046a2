// SPDX-License-Identifier: Apache-2.0
//
// CRC-32 against known values: zlib gives the same.
#include "test/fakes/host_prelude.hpp"

#include "hal/crc32_table.hpp"

#include <string_view>

namespace hal {
namespace {

std::uint32_t crc_of(std::string_view text, std::uint32_t start = 0) {
  return crc32_by_table(start, reinterpret_cast<const std::byte*>(text.data()), text.size());
}

TEST(Crc32Table, gives_the_known_values) {
  EXPECT_EQ(crc_of(""), 0u);
  EXPECT_EQ(crc_of("123456789"), 0xcbf4'3926u);
  EXPECT_EQ(crc_of("The quick brown fox jumps over the lazy dog"), 0x414f'a339u);
}

TEST(Crc32Table, goes_on_where_it_stopped) { EXPECT_EQ(crc_of("6789", crc_of("12345")), crc_of("123456789")); }

}  // namespace
}  // namespace hal
