// SPDX-License-Identifier: Apache-2.0
//
// Message pages: where they are, who sees them, and that nothing in one is believed.
#include "test/fakes/host_prelude.hpp"

#include "kernel/message_page.hpp"

#include <cstring>
#include <random>

#include "test/fakes/kernel_world.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using base::Error;

struct MessagePageTest : fakes::KernelWorld {
  static Translation translated(const Thread& thread, std::uint64_t address) {
    return thread.silo().space.translate(base::SiloAddress(address)).value();
  }
  static std::uint64_t address_of(std::uint32_t index) { return message_page_address(index).value(); }
};

TEST_F(MessagePageTest, is_the_threads_own_page_of_kernel_memory_writable_and_never_executable) {
  Thread& first = add_program("first", 10);
  Thread& second = add_thread(first.silo().id, "second", 9);
  Thread& other = add_program("other", 8);
  for (const auto& [thread, index] : {std::pair<Thread*, unsigned>{&first, 0}, {&second, 1}, {&other, 0}}) {
    const Translation mapped = translated(*thread, address_of(index));
    EXPECT_EQ(mapped.memory, physical_address_of(&thread->message_page()));
    EXPECT_EQ(mapped.access, port::Access::ReadWrite);
    EXPECT_EQ(mapped.granule, Granule::Page);
    EXPECT_EQ(thread->index_in_silo(), index);
  }
  EXPECT_NE(&first.message_page(), &second.message_page());
  EXPECT_NE(translated(first, address_of(0)).memory, translated(other, address_of(0)).memory);
  EXPECT_FALSE(other.silo().space.translate(message_page_address(1)).ok()) << "it has one thread";
}

TEST_F(MessagePageTest, is_zero_at_first_to_its_last_byte) {
  const Thread& thread = add_program("silo", 10);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(&thread.message_page());
  for (unsigned i = 0; i < 4096; ++i) ASSERT_EQ(bytes[i], 0u) << i;
}

TEST_F(MessagePageTest, each_thread_is_told_its_own_address) {
  Thread& first = add_program("first", 10);
  Thread& second = add_thread(first.silo().id, "second", 9);
  start();
  EXPECT_EQ(status_of(SystemCall::MESSAGE_PAGE), 0);
  EXPECT_EQ(first.general[3], 0x4000'0000u);
  expect_clean(first, {3});
  call(SystemCall::SLEEP_UNTIL, {});
  ASSERT_TRUE(is_running(second));
  EXPECT_EQ(status_of(SystemCall::MESSAGE_PAGE), 0);
  EXPECT_EQ(second.general[3], 0x4000'1000u);
}

TEST_F(MessagePageTest, no_region_can_be_where_message_pages_are) {
  const base::SiloId silo = add_silo("silo");
  const auto region = [&](std::uint64_t address, std::uint64_t pages) {
    return add_region(silo, {.address = base::SiloAddress(address),
                             .size = base::PageCount(pages),
                             .access = port::Access::ReadWrite,
                             .data = {},
                             .name = "wish"});
  };
  EXPECT_EQ(region(0x4000'0000, 1).error(), Error::EINVAL);
  EXPECT_EQ(region(0x3fff'f000, 2).error(), Error::EINVAL);
  EXPECT_EQ(region(0x4001'f000, 1).error(), Error::EINVAL) << "of the last thread that there could be";
  EXPECT_TRUE(region(0x3fff'f000, 1).ok());
  EXPECT_TRUE(region(0x4002'0000, 1).ok());
}

TEST_F(MessagePageTest, a_thread_without_memory_for_its_page_is_refused_and_leaves_nothing) {
  const base::SiloId silo = add_silo("silo");
  const std::uint64_t before = kernel_pages_left(fakes::unlocked()).value();
  std::vector<std::byte*> taken;
  while (kernel_pages_left(fakes::unlocked()).value() != 0)
    taken.push_back(allocate_kernel_page(fakes::unlocked()).value());
  const auto made = create_thread(silo_of(silo), {.name = "main",
                                                  .entry = base::SiloAddress(kText),
                                                  .stack_pointer = base::SiloAddress(kStack),
                                                  .argument = 0,
                                                  .priority = base::Priority(1),
                                                  .core = base::CoreId(0)});
  EXPECT_EQ(made.error(), Error::ENOMEM);
  EXPECT_TRUE(silo_of(silo).threads().empty());
  for (std::byte* const page : taken) free_kernel_page(fakes::unlocked(), page);
  EXPECT_EQ(kernel_pages_left(fakes::unlocked()).value(), before);
}

struct Entries : MessagePageTest {
  Thread& thread = add_program("silo", 10);
  abi::MessagePage& page = thread.message_page();
};

TEST_F(Entries, a_message_is_read_with_the_words_that_its_flags_announce) {
  abi::MessageEntry& entry = page.entry[5];
  entry = {7, 0, {1, 2, 3, 4, 5, 6, 7, 8}, 91, 92, 93, {94, 95, 96}};
  const ipc::Message four = read_entry(page, 5).value();
  EXPECT_EQ(four.opcode, 7u);
  EXPECT_EQ(four.flags, 0u);
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(four.word[i], i < 4 ? i + 1 : 0) << i;
  entry.flags = abi::kFlagEightWords;
  const ipc::Message eight = read_entry(page, 5).value();
  for (unsigned i = 0; i < 8; ++i) EXPECT_EQ(eight.word[i], i + 1) << i;
}

TEST_F(Entries, every_flag_but_eight_words_is_refused) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    page.entry[0].flags = std::uint64_t{1} << bit;
    const auto message = read_entry(page, 0);
    EXPECT_EQ(message.ok(), bit == 0) << bit;
    EXPECT_TRUE(message.ok() || message.error() == Error::EINVAL);
  }
}

TEST_F(Entries, E15_nonsense_in_every_field_gives_a_message_or_einval_and_the_page_is_left_as_it_was) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 2'000; ++round) {
    auto* const words = reinterpret_cast<std::uint64_t*>(&page);
    for (unsigned i = 0; i < sizeof page / 8; ++i) words[i] = random();
    for (abi::MessageEntry& entry : page.entry) {
      if (random() % 2 == 0) entry.flags &= 1;
    }
    const abi::MessagePage before = page;
    for (std::uint32_t i = 0; i < abi::kBatchMaximum; ++i) {
      const auto message = read_entry(page, i);
      ASSERT_EQ(message.ok(), page.entry[i].flags <= 1);
      ASSERT_TRUE(!message.ok() || message.value().opcode == page.entry[i].opcode);
    }
    ASSERT_EQ(std::memcmp(&before, &page, sizeof page), 0);
  }
}

TEST_F(Entries, a_delivery_fills_all_of_an_entry_and_nothing_else) {
  std::memset(&page, 0xee, sizeof page);
  write_entry(page, 3, {{7, 1, {1, 2, 3, 4, 5, 6, 7, 8}}, 9, 10});
  const std::uint64_t expected[16] = {7, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0};
  EXPECT_EQ(std::memcmp(&page.entry[3], expected, sizeof expected), 0);
  for (const unsigned other : {2u, 4u}) EXPECT_EQ(page.entry[other].opcode, 0xeeee'eeee'eeee'eeeeu);
}

}  // namespace
}  // namespace kernel
