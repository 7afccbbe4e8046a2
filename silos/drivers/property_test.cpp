// SPDX-License-Identifier: Apache-2.0
//
// Buffers of the property channel against a firmware that the test plays.
#include "test/fakes/host_prelude.hpp"

#include <algorithm>

#include "property.hpp"

namespace drivers {
namespace {

using Tag = Property::Tag;

struct PropertyTest : testing::Test {
  std::uint32_t words[Property::kBufferWords] = {};
  std::span<volatile std::uint32_t, Property::kBufferWords> buffer{words};

  void answered(std::uint32_t bytes, std::uint32_t first, std::uint32_t second) {
    words[1] = 0x8000'0000;
    words[4] = 0x8000'0000 | bytes;
    words[5] = first;
    words[6] = second;
  }
};

TEST_F(PropertyTest, asks_in_the_form_that_the_firmware_wants) {
  std::ranges::fill(words, 0xffff'ffffu);
  Property::ask(buffer, Tag::ClockRate, 3);
  const std::uint32_t wanted[] = {32, 0, 0x0003'0002, 8, 0, 3, 0, 0};
  EXPECT_TRUE(std::ranges::equal(words, wanted));
}

TEST_F(PropertyTest, gives_what_the_firmware_says) {
  Property::ask(buffer, Tag::Temperature, 0);
  answered(8, 0, 25'000);
  const auto answer = Property::answer(buffer, Tag::Temperature, 2);
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[1], 25'000u);
  answered(4, 0xb0'3115, 7);
  EXPECT_EQ((*Property::answer(buffer, Tag::Temperature, 1))[0], 0xb0'3115u);
  EXPECT_EQ((*Property::answer(buffer, Tag::Temperature, 1))[1], 0u);
}

TEST_F(PropertyTest, believes_no_answer_that_is_not_one) {
  Property::ask(buffer, Tag::Temperature, 0);
  EXPECT_FALSE(Property::answer(buffer, Tag::Temperature, 2));
  answered(8, 0, 1);
  words[1] = 0x8000'0001;  // it could not read the buffer
  EXPECT_FALSE(Property::answer(buffer, Tag::Temperature, 2));
  answered(8, 0, 1);
  EXPECT_FALSE(Property::answer(buffer, Tag::ClockRate, 2));
  words[4] = 8;  // this tag is not answered
  EXPECT_FALSE(Property::answer(buffer, Tag::Temperature, 2));
  for (const std::uint32_t bytes : {0u, 4u, 7u, 9u, 12u, 0x7fff'ffffu}) {
    answered(bytes, 0, 1);
    EXPECT_FALSE(Property::answer(buffer, Tag::Temperature, 2)) << bytes;
  }
}

TEST_F(PropertyTest, clients_ask_only_what_has_no_effect) {
  EXPECT_EQ(PropertyQuestion::of(3, 3)->tag, Tag::ClockRate);
  EXPECT_EQ(PropertyQuestion::of(3, 3)->word, 3u);
  EXPECT_EQ(PropertyQuestion::of(1, 77)->word, 0u);
  EXPECT_FALSE(PropertyQuestion::of(3, 256));
  EXPECT_FALSE(PropertyQuestion::of(0, 0));
  EXPECT_FALSE(PropertyQuestion::of(6, 0));
  EXPECT_FALSE(PropertyQuestion::of(~std::uint64_t{0}, 0));
  for (std::uint64_t question = 1; question <= 5; ++question)
    EXPECT_LT(PropertyQuestion::of(question, 0)->place, Property::kMostWords);
}

}  // namespace
}  // namespace drivers
