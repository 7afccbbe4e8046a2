// SPDX-License-Identifier: Apache-2.0
//
// What is printed for a core file: each line by itself right, nothing longer than a console line, and no more work in a
// step than a line. tools/granary/core_reader_test.cpp has the other side.
#include "test/fakes/kernel_world.hpp"

#include <sstream>

#include "kernel/core_file.hpp"
#include "kernel/port/memory_window.hpp"
#include "test/fakes/silo_memory_writer.hpp"

namespace kernel {
namespace {

using abi::core_text::Kind;

struct CoreFileTest : fakes::KernelWorld {
  Thread& main = add_program("rogue", 10);
  Thread& worker = add_thread(main.silo().id, "worker", 10);
  Silo& silo = main.silo();

  CoreFileTest() {
    fakes::take_console();
    port::FaultReport report = read_fault(0x5000);
    EXPECT_TRUE(silo.start());
    EXPECT_TRUE(silo.fault(report, "worker"));
  }

  struct Line {
    std::string dump, number, kind, address, data, crc;
  };
  std::vector<Line> lines() {
    CoreFileWriter writer;
    writer.begin(silo, 3);
    std::vector<Line> all;
    for (bool goes_on = true; goes_on;) {
      goes_on = writer.step();
      const std::string text = fakes::take_console();
      if (text.empty()) continue;
      EXPECT_LE(text.size(), abi::core_text::kLineMaximum);
      EXPECT_TRUE(text.starts_with("granary: core 3.") && text.ends_with("\r\n")) << text;
      EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
      const std::string body = text.substr(14, text.rfind(' ') - 14);
      std::istringstream words(text.substr(14));
      Line line;
      std::getline(words, line.dump, '.');
      words >> line.number >> line.kind >> line.address >> line.data >> line.crc;
      const auto bytes = std::as_bytes(std::span(body));
      EXPECT_EQ(std::stoull(line.crc, nullptr, 16), port::crc32(0, bytes.data(), bytes.size()));
      EXPECT_EQ(line.number, std::to_string(all.size()));
      all.push_back(line);
    }
    return all;
  }
  /// Opcode and flags 0, then the word HGFEDCBA.
  static std::string base64_of_entry() { return "AAAAAAAAAAAAAAAAAAAAAEhHRkVEQ0JB"; }
  static unsigned count(const std::vector<Line>& all, Kind kind) {
    return static_cast<unsigned>(std::count_if(all.begin(), all.end(), [kind](const Line& line) {
      return line.kind == std::string(1, static_cast<char>(kind));
    }));
  }
};

TEST_F(CoreFileTest, says_threads_and_regions_and_no_memory_that_is_zero) {
  const auto all = lines();
  EXPECT_EQ(all.front().kind, "B");
  EXPECT_EQ(all.back().kind, "E");
  EXPECT_EQ(all.back().address, [&] {
    std::ostringstream number;
    number << std::hex << all.size() - 1;
    return number.str();
  }()) << "the end says which line it is";
  EXPECT_EQ(count(all, Kind::Region), 5u) << "text, two stacks, two message pages";
  EXPECT_EQ(count(all, Kind::Memory), 0u);
}

TEST_F(CoreFileTest, says_what_the_silo_has_written) {
  fakes::poke(silo, kStack + 0x1008, 0x4142434445464748);
  const auto all = lines();
  ASSERT_EQ(count(all, Kind::Memory), 1u);
  const auto found = std::find_if(all.begin(), all.end(), [](const Line& line) { return line.kind == "M"; });
  EXPECT_EQ(found->address, "101000");
  EXPECT_EQ(found->data.substr(0, 24), "AAAAAAAAAABIR0ZFRENCQQAA") << "eight zeros, then HGFEDCBA";
  EXPECT_EQ(found->data.size(), (abi::core_text::kMemoryBytes + 2) / 3 * 4);
}

TEST_F(CoreFileTest, leaves_out_what_a_silo_cannot_have_changed) {
  fakes::poke(silo, kText + 0x800, 1);
  EXPECT_EQ(count(lines(), Kind::Memory), 0u);
}

TEST_F(CoreFileTest, has_the_message_page_of_each_thread) {
  main.message_page().entry[1].word[0] = 0x4142434445464748;
  // The last word of the page, behind all entries.
  auto* const page = static_cast<std::byte*>(static_cast<void*>(&worker.message_page()));
  page[base::kPageSize - 1] = std::byte{0xff};
  const auto all = lines();
  std::vector<Line> memory;
  for (const Line& line : all)
    if (line.kind == "M") memory.push_back(line);
  ASSERT_EQ(memory.size(), 2u);
  EXPECT_EQ(memory[0].address, "40000080");
  EXPECT_EQ(memory[0].data.substr(0, 32), base64_of_entry());
  EXPECT_EQ(memory[1].address, "40001f80");
  std::vector<std::string> pages;
  for (const Line& line : all)
    if (line.kind == "R" && line.address.starts_with("4000")) pages.push_back(line.address);
  EXPECT_EQ(pages, (std::vector<std::string>{"40000000", "40001000"}));
}

TEST_F(CoreFileTest, has_floating_point_of_threads_that_use_it) {
  const unsigned without = count(lines(), Kind::Thread);
  main.uses_floating_point = true;
  const unsigned with = count(lines(), Kind::Thread);
  EXPECT_EQ(with - without, 512 / abi::core_text::kMemoryBytes);
}

TEST_F(CoreFileTest, the_longest_line_is_not_cut) {
  for (std::uint64_t at = kStack; at < kStack + kStackBytes; at += 8) fakes::poke(silo, at, ~std::uint64_t{0});
  EXPECT_EQ(count(lines(), Kind::Memory), kStackBytes / abi::core_text::kMemoryBytes);
}

TEST_F(CoreFileTest, a_step_looks_at_one_page) {
  CoreFileWriter writer;
  writer.begin(silo, 0);
  for (bool goes_on = true; goes_on;) {
    const unsigned before = fakes::windows_opened();
    goes_on = writer.step();
    EXPECT_LE(fakes::windows_opened() - before, 1u);
  }
}

TEST_F(CoreFileTest, is_off_unless_it_is_asked_for) {
  EXPECT_FALSE(core_files_are_on());
  set_core_files(true);
  EXPECT_TRUE(core_files_are_on());
  set_core_files(false);
}

}  // namespace
}  // namespace kernel
