// SPDX-License-Identifier: Apache-2.0
//
// The pins with an array for their registers: what is written stays, whatever the register does with it.
#include "test/fakes/host_prelude.hpp"

#include "gpio_pins.hpp"

namespace drivers {
namespace {

struct Array {
  std::uint32_t* words;
  std::uint32_t& word(std::uint64_t offset) const { return words[offset / 4]; }
};

constexpr std::uint64_t kAlice = 1, kBob = 2;

struct GpioPinsTest : testing::Test {
  std::uint32_t words[0xf4 / 4] = {};
  Pins<Array> pins{Array{words}, ~std::uint64_t{1 << 14}};

  PinStatus run(std::uint64_t badge, PinOperation operation, std::uint64_t pin, std::uint64_t one = 0,
                std::uint64_t two = 0) {
    return static_cast<PinStatus>(pins.serve(badge, {static_cast<std::uint64_t>(operation), {pin, one, two}}).opcode);
  }
  std::uint32_t& at(std::uint64_t offset) { return words[offset / 4]; }
};

TEST_F(GpioPinsTest, a_pin_that_is_taken_gets_its_function_and_pull_and_no_other_changes) {
  at(0x08) = 0xffff'ffff;
  at(0xe8) = 0xffff'ffff;
  EXPECT_EQ(run(kAlice, PinOperation::Take, 21, 1, 2), PinStatus::Done);
  EXPECT_EQ(at(0x08), 0xffff'ffcfu);
  EXPECT_EQ(at(0xe8), 0xffff'fbffu);
  EXPECT_EQ(run(kAlice, PinOperation::Take, 21, 4), PinStatus::Done);
  EXPECT_EQ(at(0x08), 0xffff'ffe7u);
  EXPECT_EQ(at(0xe8), 0xffff'f3ffu);
  EXPECT_EQ(run(kAlice, PinOperation::GiveBack, 21), PinStatus::Done);
  EXPECT_EQ(at(0x08), 0xffff'ffc7u);
}

TEST_F(GpioPinsTest, sets_clears_and_reads_in_the_register_of_the_pin) {
  for (const std::uint64_t pin : {0u, 31u, 32u, 57u}) {
    const std::uint64_t offset = pin < 32 ? 0 : 4;
    const std::uint32_t bit = std::uint32_t{1} << pin % 32;
    ASSERT_EQ(run(kAlice, PinOperation::Take, pin, 1), PinStatus::Done);
    EXPECT_EQ(run(kAlice, PinOperation::Write, pin, 1), PinStatus::Done);
    EXPECT_EQ(at(0x1c + offset), bit);
    EXPECT_EQ(run(kAlice, PinOperation::Write, pin, 0), PinStatus::Done);
    EXPECT_EQ(at(0x28 + offset), bit);
    const granary::Message read{static_cast<std::uint64_t>(PinOperation::Read), {pin}};
    at(0x34 + offset) = bit;
    EXPECT_EQ(pins.serve(kAlice, read).words[0], 1u);
    at(0x34 + offset) = ~bit;
    EXPECT_EQ(pins.serve(kAlice, read).words[0], 0u);
  }
}

TEST_F(GpioPinsTest, refuses_what_is_not_there_or_not_for_clients) {
  EXPECT_EQ(run(kAlice, PinOperation::Take, 58), PinStatus::NoSuchPin);
  EXPECT_EQ(run(kAlice, PinOperation::Take, ~std::uint64_t{0}), PinStatus::NoSuchPin);
  EXPECT_EQ(run(kAlice, PinOperation::Take, 14), PinStatus::NotForClients);
  EXPECT_EQ(run(kAlice, PinOperation::Take, 5, 8), PinStatus::NoSuchValue);
  EXPECT_EQ(run(kAlice, PinOperation::Take, 5, 1, 3), PinStatus::NoSuchValue);
  EXPECT_EQ(run(kAlice, static_cast<PinOperation>(0), 5), PinStatus::UnknownOperation);
  EXPECT_EQ(run(kAlice, static_cast<PinOperation>(5), 5), PinStatus::UnknownOperation);
  for (const std::uint32_t word : words) EXPECT_EQ(word, 0u);
}

TEST_F(GpioPinsTest, a_pin_is_of_who_took_it_until_it_is_given_back) {
  EXPECT_EQ(run(kAlice, PinOperation::Read, 5), PinStatus::NotYours);
  EXPECT_EQ(run(0, PinOperation::Write, 5, 1), PinStatus::NotYours);
  EXPECT_EQ(run(kAlice, PinOperation::Take, 5, 1), PinStatus::Done);
  EXPECT_EQ(run(kBob, PinOperation::Take, 5, 1), PinStatus::Taken);
  EXPECT_EQ(run(kBob, PinOperation::Write, 5, 1), PinStatus::NotYours);
  EXPECT_EQ(run(kBob, PinOperation::GiveBack, 5), PinStatus::NotYours);
  EXPECT_EQ(run(kAlice, PinOperation::Write, 5, 2), PinStatus::NoSuchValue);
  EXPECT_EQ(run(kAlice, PinOperation::GiveBack, 5), PinStatus::Done);
  EXPECT_EQ(run(kBob, PinOperation::Take, 5, 0), PinStatus::Done);
  EXPECT_EQ(run(kBob, PinOperation::Write, 5, 1), PinStatus::NotAnOutput);
  for (int status = 0; status <= static_cast<int>(PinStatus::NotAnOutput); ++status)
    EXPECT_STRNE(in_words(static_cast<PinStatus>(status)), "?");
}

}  // namespace
}  // namespace drivers
