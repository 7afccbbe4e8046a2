// SPDX-License-Identifier: Apache-2.0
//
// Names, sizes, near misses; and the CRC.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/text.hpp"

#include "tools/granary/crc32.hpp"

namespace tool {
namespace {

TEST(Size, is_read_in_bytes_and_binary_units) {
  EXPECT_EQ(parse_size("0"), 0U);
  EXPECT_EQ(parse_size("512 B"), 512U);
  EXPECT_EQ(parse_size("16 KiB"), 16384U);
  EXPECT_EQ(parse_size("16KiB"), 16384U);
  EXPECT_EQ(parse_size("3 MiB"), std::uint64_t{3} << 20);
  EXPECT_EQ(parse_size("2 GiB"), std::uint64_t{2} << 30);
}

TEST(Size, that_is_not_one_is_nothing) {
  for (const char* text : {"", "KiB", "16", "16 kB", "16 KB", "16  KiB", " 16 KiB", "-1 KiB", "1.5 KiB", "16 KiB ",
                           "0x10 KiB", "99999999999999999999 B", "17179869184 GiB"})
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
}

TEST(Size, is_printed_in_the_largest_unit_that_divides_it) {
  EXPECT_EQ(size_text(0), "0 B");
  EXPECT_EQ(size_text(4097), "4097 B");
  EXPECT_EQ(size_text(4096), "4 KiB");
  EXPECT_EQ(size_text(3 << 20), "3 MiB");
}

TEST(Name, is_small_letters_digits_and_underscores) {
  for (const char* name : {"a", "sensor", "sensor_2", "a234567890123456789012345678901"})
    EXPECT_EQ(name_defect(name), std::nullopt) << name;
  for (const char* name : {"", "Sensor", "2nd", "_x", "a-b", "a b", "caf\xc3\xa9", "a2345678901234567890123456789012",
                           "class", "restrict", "co_await", "console", "system", "handles"})
    EXPECT_NE(name_defect(name), std::nullopt) << name;
}

TEST(Name, that_is_reserved_has_no_letter_to_change) {
  EXPECT_EQ(name_remedy("for"), "choose another name");
  EXPECT_EQ(name_remedy("For"), "use small letters, digits and _, at most 31 of them");
}

TEST(Nearest, finds_a_slip_and_nothing_far_fetched) {
  const std::vector<std::string> keys{"priority", "stack", "program", "heap", "core"};
  EXPECT_EQ(nearest("prioritty", keys), "priority");
  EXPECT_EQ(nearest("stak", keys), "stack");
  EXPECT_EQ(nearest("biuld", {"build", "bind"}), "build") << "two letters that are swapped are one mistake";
  EXPECT_EQ(nearest("colour", keys), std::nullopt);
  EXPECT_EQ(nearest("x", {"a"}), std::nullopt) << "one letter that is wrong is all of it";
}

TEST(List, reads_as_a_sentence) {
  EXPECT_EQ(list({}), "");
  EXPECT_EQ(list({"a"}), "a");
  EXPECT_EQ(list({"a", "b"}), "a and b");
  EXPECT_EQ(list({"a", "b", "c"}), "a, b and c");
}

TEST(Crc32, has_the_check_value_of_its_polynomial) {
  const std::string digits = "123456789";
  EXPECT_EQ(crc32(std::vector<std::uint8_t>(digits.begin(), digits.end())), 0xCBF43926U);
  EXPECT_EQ(crc32({}), 0U);
}

TEST(Text, times) {
  EXPECT_EQ(parse_time("2 ms"), 2'000u);
  EXPECT_EQ(parse_time("100us"), 100u);
  EXPECT_EQ(parse_time("60 s"), 60'000'000u);
  for (const char* bad : {"", "2", "ms", "2 m", "-1 ms", "1.5 ms", "2 ms ", "18446744073709551615 s"})
    EXPECT_FALSE(parse_time(bad)) << bad;
  EXPECT_EQ(time_text(0), "0 us");
  EXPECT_EQ(time_text(1'500), "1500 us");
  EXPECT_EQ(time_text(2'000), "2 ms");
  EXPECT_EQ(time_text(3'000'000), "3 s");
}

TEST(Text, paths_that_make_cannot_handle) {
  EXPECT_TRUE(make_can_handle("/home/a.b/green-house_2/x+y"));
  for (const char* const path : {"/my dir/a", "a\tb", "a$b", "a#b", "a:b", "a'b", "a%b", "a*b", "~a"})
    EXPECT_FALSE(make_can_handle(path)) << path;
}

}  // namespace
}  // namespace tool
