// SPDX-License-Identifier: Apache-2.0
//
// What base::format prints, at the edges of each kind of argument.
#include "kernel/base/format.hpp"

#include "test/fakes/host_prelude.hpp"

#include <limits>

namespace base {
namespace {

struct Sink {
  void write(std::string_view piece) { text += piece; }
  std::string text;
};

template <typename... Arguments>
std::string printed(std::string_view text, const Arguments&... arguments) {
  Sink sink;
  format(sink, text, arguments...);
  return sink.text;
}

TEST(FormatTest, text_without_braces_stays_as_it_is) {
  EXPECT_EQ(printed(""), "");
  EXPECT_EQ(printed("a"), "a");
  EXPECT_EQ(printed("{ } {"), "{ } {");
  EXPECT_EQ(printed("}{"), "}{");
}

TEST(FormatTest, braces_take_the_arguments_in_order) {
  EXPECT_EQ(printed("{}", 1), "1");
  EXPECT_EQ(printed("{}{}", 1, 2), "12");
  EXPECT_EQ(printed("silo {} thread {} ends", std::string_view("sensor"), "main"), "silo sensor thread main ends");
  EXPECT_EQ(printed("{{}", 7), "{7");
}

TEST(FormatTest, more_braces_than_arguments_are_printed) { EXPECT_EQ(printed("{} {}", 1), "1 {}"); }

TEST(FormatTest, integers_of_every_width_and_sign) {
  EXPECT_EQ(printed("{}", 0), "0");
  EXPECT_EQ(printed("{}", -1), "-1");
  EXPECT_EQ(printed("{}", std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(printed("{}", std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(printed("{}", static_cast<std::uint8_t>(255)), "255");
  EXPECT_EQ(printed("{}", static_cast<std::int32_t>(-5)), "-5");
}

TEST(FormatTest, hexadecimal_has_its_prefix_and_at_least_its_digits) {
  EXPECT_EQ(printed("{}", Hex{0}), "0x0");
  EXPECT_EQ(printed("{}", Hex{0xabc, 8}), "0x00000abc");
  EXPECT_EQ(printed("{}", Hex{~std::uint64_t{0}, 99}), "0xffffffffffffffff");
  EXPECT_EQ(printed("{}", SiloAddress(0x10000)), "0x10000");
}

TEST(FormatTest, characters_and_truth) { EXPECT_EQ(printed("{} {} {}", 'x', true, false), "x true false"); }

}  // namespace
}  // namespace base
