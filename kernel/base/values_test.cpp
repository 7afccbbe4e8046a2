// SPDX-License-Identifier: Apache-2.0
//
// The small value types of kernel/base: results, names, addresses, page counts, ticks, priorities.
#include "test/fakes/host_prelude.hpp"

#include "kernel/base/address.hpp"
#include "kernel/base/fixed_name.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace base {
namespace {

Result<int> half(int number) {
  if (number % 2 != 0) return Error::EINVAL;
  return number / 2;
}
Result<int> quarter(int number) { return TRY(half(TRY(half(number)))); }

TEST(ResultTest, holds_a_value_or_an_error) {
  EXPECT_TRUE(half(4).ok());
  EXPECT_EQ(half(4).value(), 2);
  EXPECT_FALSE(half(3).ok());
  EXPECT_EQ(half(3).error(), Error::EINVAL);
  EXPECT_EQ(half(3).value_or(-7), -7);
}

TEST(ResultTest, try_hands_the_first_error_to_the_caller) {
  EXPECT_EQ(quarter(8).value(), 2);
  EXPECT_EQ(quarter(6).error(), Error::EINVAL);
}

TEST(ResultDeathTest, reading_the_value_of_an_error_traps) { EXPECT_DEATH(static_cast<void>(half(3).value()), ""); }

TEST(FixedNameTest, keeps_thirty_one_bytes_and_cuts_the_rest) {
  const std::string longest(31, 'x');
  EXPECT_EQ(FixedName(longest).view(), longest);
  EXPECT_EQ(FixedName(longest + "y").view(), longest);
  EXPECT_EQ(FixedName("").view(), "");
  EXPECT_TRUE(FixedName("sensor") == FixedName("sensor"));
  EXPECT_FALSE(FixedName("sensor") == FixedName("sensors"));
}

TEST(FixedNameTest, does_not_point_into_the_text_it_was_made_of) {
  std::string text = "sensor";
  const FixedName name(text);
  text = "rogue!";
  EXPECT_EQ(name.view(), "sensor");
}

TEST(AddressTest, pages_and_offsets) {
  const SiloAddress address(0x12345);
  EXPECT_EQ(address.page(), SiloAddress(0x12000));
  EXPECT_EQ(address.offset_in_page(), 0x345u);
  EXPECT_FALSE(address.is_page_aligned());
  EXPECT_TRUE(address.page().is_page_aligned());
  EXPECT_EQ(address - SiloAddress(0x12000), 0x345u);
}

TEST(PageCountTest, contains_every_byte) {
  EXPECT_EQ(PageCount::containing(0).value(), 0u);
  EXPECT_EQ(PageCount::containing(1).value(), 1u);
  EXPECT_EQ(PageCount::containing(4096).value(), 1u);
  EXPECT_EQ(PageCount::containing(4097).value(), 2u);
  EXPECT_EQ(PageCount(3).bytes(), 12288u);
}

TEST(PriorityTest, a_larger_number_is_more_urgent) {
  EXPECT_TRUE(Priority(5).is_more_urgent_than(Priority(4)));
  EXPECT_FALSE(Priority(4).is_more_urgent_than(Priority(4)));
}

TEST(TicksTest, forever_is_later_than_every_other_instant) {
  EXPECT_TRUE(Ticks::forever().is_forever());
  EXPECT_LT(Ticks(~std::uint64_t{0} - 1), Ticks::forever());
}

}  // namespace
}  // namespace base
