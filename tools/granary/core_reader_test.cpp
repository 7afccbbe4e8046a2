// SPDX-License-Identifier: Apache-2.0
//
// Core files out of logs as they are: other lines between, damaged lines, lines that are missing or come twice, more
// than one boot, and lines that were made to do harm.
#include "test/fakes/host_prelude.hpp"

#include <cstring>
#include <random>
#include <sstream>

#include "tools/granary/core_reader.hpp"
#include "tools/granary/crc32.hpp"

namespace tool {
namespace {

using abi::core_text::Kind;
using Bytes = std::vector<std::uint8_t>;

std::string base64(const Bytes& bytes) {
  static const char* const kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (bytes.empty()) return "-";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    unsigned group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (at + i < bytes.size() ? bytes[at + i] : 0u);
    for (unsigned i = 0; i < 4; ++i) text += at + i <= bytes.size() ? kDigits[group >> (18 - 6 * i) & 63] : '=';
  }
  return text;
}

std::string core_line(unsigned dump, unsigned number, Kind kind, std::uint64_t address, const Bytes& data) {
  std::ostringstream body;
  body << dump << '.' << number << ' ' << static_cast<char>(kind) << ' ' << std::hex << address << ' ' << base64(data);
  const std::string text = body.str();
  std::ostringstream line;
  line << "granary: core " << text << ' ' << std::hex
       << crc32({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  return line.str();
}

template <typename Record>
Bytes named(const Record& record, const std::string& name) {
  Bytes bytes(sizeof record);
  std::memcpy(bytes.data(), &record, sizeof record);
  bytes.insert(bytes.end(), name.begin(), name.end());
  return bytes;
}

/// Of a silo with one thread and one region; the memory is two pieces.
std::vector<std::string> small_dump(unsigned dump = 0, std::uint8_t content = 7) {
  const abi::core_text::Header header{1, 0x5000, 1, 0};
  Bytes thread(280);
  std::memcpy(thread.data(), "main", 4);
  thread[32] = 0x42;
  return {core_line(dump, 0, Kind::Begin, 1, named(header, "rogue")),
          core_line(dump, 1, Kind::Thread, 0, Bytes(thread.begin(), thread.begin() + 128)),
          core_line(dump, 2, Kind::Thread, 128, Bytes(thread.begin() + 128, thread.end())),
          core_line(dump, 3, Kind::Region, 0x20000, named(abi::core_text::RegionRecord{0x2000, 3, 1}, "stack")),
          core_line(dump, 4, Kind::Memory, 0x20000, Bytes(128, content)),
          core_line(dump, 5, Kind::Memory, 0x21f80, Bytes(128, content)),
          core_line(dump, 6, Kind::End, 6, {})};
}

struct Log {
  CoreReader reader;
  std::vector<CoreDump> read(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) reader.take(line);
    return reader.finish();
  }
};

void expect_whole(const CoreDump& dump, std::uint8_t content = 7) {
  EXPECT_EQ(dump.silo, "rogue");
  EXPECT_EQ(dump.header.fault_address, 0x5000u);
  ASSERT_EQ(dump.threads.size(), 1u);
  EXPECT_STREQ(dump.threads[0].name, "main");
  EXPECT_EQ(dump.threads[0].general[0], 0x42u);
  ASSERT_EQ(dump.regions.size(), 1u);
  EXPECT_EQ(dump.regions[0].name, "stack");
  EXPECT_EQ(dump.memory.at(0x21f80), Bytes(128, content));
  EXPECT_EQ(dump.told_bytes(), 256u);
  EXPECT_TRUE(dump.has_end);
  EXPECT_EQ(dump.missing_in_words(), "");
}

TEST(CoreReader, reads_what_was_printed) {
  Log log;
  const auto dumps = log.read(small_dump());
  ASSERT_EQ(dumps.size(), 1u);
  expect_whole(dumps[0]);
  EXPECT_TRUE(log.reader.damaged().empty());
}

TEST(CoreReader, tells_the_image_of_a_silo_that_has_several) {
  const abi::core_text::Header header{1, 0x5000, 0, 0};
  Log log;
  const auto dumps = log.read({core_line(0, 0, Kind::Begin, 1, named(header, "rogue/newer"))});
  ASSERT_EQ(dumps.size(), 1u);
  EXPECT_EQ(dumps[0].silo, "rogue");
  EXPECT_EQ(dumps[0].program, "rogue/newer");
}

TEST(CoreReader, reads_a_serial_log_with_other_lines_between) {
  std::vector<std::string> noisy;
  for (const std::string& line : small_dump()) {
    noisy.push_back("[sensor] sample 12\r");
    noisy.push_back("\r\x1b[Kgranary> \r\x1b[K" + line + "\r");
    noisy.push_back("granary: console full");
    noisy.push_back("");
  }
  Log log;
  const auto dumps = log.read(noisy);
  ASSERT_EQ(dumps.size(), 1u);
  expect_whole(dumps[0]);
  EXPECT_TRUE(log.reader.damaged().empty());
}

TEST(CoreReader, notices_every_damaged_character) {
  const auto good = small_dump();
  for (std::size_t at = std::strlen("granary: core "); at < good[4].size(); ++at) {
    auto lines = good;
    lines[4][at] = lines[4][at] == 'x' ? 'y' : 'x';
    Log log;
    const auto dumps = log.read(lines);
    ASSERT_EQ(dumps.size(), 1u) << at;
    EXPECT_EQ(log.reader.damaged(), std::vector<unsigned>{5}) << at;
    EXPECT_EQ(dumps[0].missing_in_words(), "4") << at;
    EXPECT_FALSE(dumps[0].memory.contains(0x20000)) << at;
  }
}

TEST(CoreReader, notices_lost_characters_and_cut_lines) {
  const auto good = small_dump();
  for (std::size_t length = std::strlen("granary: core "); length < good[4].size(); ++length) {
    auto lines = good;
    lines[4].resize(length);
    Log log;
    EXPECT_EQ(log.read(lines)[0].missing_in_words(), "4") << length;
  }
}

TEST(CoreReader, says_which_lines_are_missing) {
  auto lines = small_dump();
  lines.erase(lines.begin() + 4, lines.begin() + 6);
  lines.erase(lines.begin() + 2);
  Log log;
  const auto dumps = log.read(lines);
  EXPECT_EQ(dumps[0].missing_in_words(), "2, 4 to 5");
  EXPECT_TRUE(dumps[0].has_end);
}

TEST(CoreReader, says_that_the_end_is_missing) {
  auto lines = small_dump();
  lines.resize(5);
  Log log;
  const auto dumps = log.read(lines);
  EXPECT_FALSE(dumps[0].has_end);
  EXPECT_EQ(dumps[0].missing_in_words(), "");
  EXPECT_EQ(dumps[0].lines, 5u);
}

TEST(CoreReader, takes_nothing_without_its_beginning) {
  auto lines = small_dump();
  lines.erase(lines.begin());
  Log log;
  EXPECT_TRUE(log.read(lines).empty());
}

TEST(CoreReader, lines_that_come_twice_do_no_harm) {
  std::vector<std::string> twice;
  for (const std::string& line : small_dump()) twice.insert(twice.end(), {line, line});
  Log log;
  const auto dumps = log.read(twice);
  ASSERT_EQ(dumps.size(), 1u);
  expect_whole(dumps[0]);
}

TEST(CoreReader, tells_boots_apart) {
  auto lines = small_dump(0, 1);
  for (const auto& more : {small_dump(0, 2), small_dump(0, 2)}) lines.insert(lines.end(), more.begin(), more.end());
  Log log;
  const auto dumps = log.read(lines);
  ASSERT_EQ(dumps.size(), 3u);
  expect_whole(dumps[0], 1);
  expect_whole(dumps[1], 2);
  expect_whole(dumps[2], 2);
}

TEST(CoreReader, tells_two_silos_apart_whose_lines_are_mixed) {
  const auto one = small_dump(4, 1), other = small_dump(5, 2);
  std::vector<std::string> mixed;
  for (std::size_t i = 0; i < one.size(); ++i) mixed.insert(mixed.end(), {one[i], other[i]});
  Log log;
  const auto dumps = log.read(mixed);
  ASSERT_EQ(dumps.size(), 2u);
  expect_whole(dumps[0], 1);
  expect_whole(dumps[1], 2);
}

TEST(CoreReader, hostile_a_silo_cannot_print_one) {
  std::vector<std::string> printed;
  for (const std::string& line : small_dump()) printed.push_back("[rogue] " + line);
  Log log;
  EXPECT_TRUE(log.read(printed).empty());
}

TEST(CoreReader, hostile_numbers_make_nothing_large) {
  const abi::core_text::Header header{1, 0, ~0u, 0};
  Log log;
  EXPECT_TRUE(log.read({core_line(0, 0, Kind::Begin, 1, named(header, "rogue"))}).empty());
  auto lines = small_dump();
  lines.push_back(core_line(0, 7, Kind::Region, 0, named(abi::core_text::RegionRecord{~std::uint64_t{0}, 3, 1}, "x")));
  lines.push_back(core_line(0, 8, Kind::Thread, ~std::uint64_t{0}, Bytes(128, 1)));
  lines.push_back(core_line(0, 9, Kind::Thread, sizeof(abi::core_text::ThreadRecord) - 8, Bytes(128, 1)));
  lines.push_back(core_line(0, 10, Kind::Region, 0, Bytes(3)));
  lines.push_back(core_line(0, 11, static_cast<Kind>('?'), 0, Bytes(3)));
  Log other;
  const auto dumps = other.read(lines);
  ASSERT_EQ(dumps.size(), 1u);
  EXPECT_EQ(dumps[0].regions.size(), 1u);
  EXPECT_EQ(dumps[0].threads.size(), 1u);
}

TEST(CoreReader, hostile_an_absurd_line_number_is_words_and_no_work) {
  auto lines = small_dump();
  lines.push_back(core_line(0, 4'000'000'000u, Kind::Memory, 0x20080, Bytes(128, 1)));
  Log log;
  const auto dumps = log.read(lines);
  ASSERT_EQ(dumps.size(), 1u);
  EXPECT_LT(dumps[0].missing.size(), 2'000'000u);
}

TEST(CoreReader, survives_any_text) {
  std::mt19937 random(11);
  const auto good = small_dump();
  Log log;
  for (int round = 0; round < 20'000; ++round) {
    std::string line = good[random() % good.size()];
    for (unsigned change = random() % 4; change > 0; --change)
      line[random() % line.size()] = static_cast<char>(random());
    line.resize(line.size() - random() % 3 * (random() % 20 == 0 ? 10 : 0));
    log.reader.take(line);
  }
  for (const CoreDump& dump : log.reader.finish()) {
    EXPECT_EQ(dump.silo, "rogue") << "what is left is what was printed";
    for (const auto& [address, piece] : dump.memory) EXPECT_EQ(piece, Bytes(128, 7));
  }
}

}  // namespace
}  // namespace tool
