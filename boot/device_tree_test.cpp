// SPDX-License-Identifier: Apache-2.0
//
// The bounded reader of device trees: sound trees are read as written, broken ones are refused or end in Damaged, and
// whatever the bytes are, no read leaves the blob (AddressSanitizer) and every walk ends.
#include "test/fakes/host_prelude.hpp"

#include "boot/device_tree.hpp"

#include <random>

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;
using Token = DeviceTreeToken;

constexpr std::size_t kOffsetStructure = 8, kOffsetStrings = 12, kOffsetReservations = 16, kOffsetVersion = 20;
constexpr std::size_t kOffsetCompatibleVersion = 24, kOffsetStringsBytes = 32, kOffsetStructureBytes = 36;

Blob small_tree() {
  DeviceTreeBuilder tree;
  tree.reserve(0x1000, 0x2000).reserve(0x8'0000'0000, 0x10);
  tree.begin("").cells("#address-cells", {2}).text("model", "a machine");
  tree.begin("memory@40000000").text("device_type", "memory").cells("reg", {0, 0x4000'0000, 0, 0x1000'0000}).end();
  tree.begin("abc").empty("ranges").begin("d").end().end();
  return tree.end().finish();
}

DeviceTree open(const Blob& blob) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  return tree;
}

std::uint32_t word_at(const Blob& blob, std::size_t offset) {
  return fdt32_ld(reinterpret_cast<const fdt32_t*>(blob.data() + offset));
}

/// How many tokens until End or Damaged; which one it was.
std::pair<unsigned, Token> walk(const DeviceTree& tree) {
  DeviceTreeCursor cursor(tree);
  for (unsigned count = 0;; ++count) {
    const Token token = cursor.next();
    if (token == Token::End || token == Token::Damaged) return {count, token};
    if (token == Token::BeginNode) {
      EXPECT_LE(cursor.node_name().size(), tree.total_bytes());
    }
    if (token == Token::Property) {
      static_cast<void>(cursor.property_is("reg"));
      const PropertyValue value = cursor.value();
      static_cast<void>(value.text());
      static_cast<void>(value.cell(value.cell_count()));
      static_cast<void>(StringList(value).contains("memory"));
    }
    if (count > 1'000'000) return {count, Token::Property};
  }
}

TEST(DeviceTree, a_sound_tree_is_read_as_written) {
  const Blob blob = small_tree();
  const DeviceTree tree = open(blob);
  EXPECT_EQ(tree.total_bytes(), blob.size());
  DeviceTreeCursor cursor(tree);
  EXPECT_EQ(cursor.next(), Token::BeginNode);
  EXPECT_EQ(cursor.node_name(), "");
  EXPECT_EQ(cursor.depth(), 1u);
  EXPECT_EQ(cursor.next(), Token::Property);
  EXPECT_TRUE(cursor.property_is("#address-cells"));
  EXPECT_EQ(cursor.value().cell(0), 2u);
  EXPECT_EQ(cursor.next(), Token::Property);
  EXPECT_TRUE(cursor.property_is("model"));
  EXPECT_FALSE(cursor.property_is("mod")) << "only the beginning";
  EXPECT_FALSE(cursor.property_is("model2"));
  EXPECT_EQ(cursor.value().text(), "a machine");
  EXPECT_EQ(cursor.next(), Token::BeginNode);
  EXPECT_EQ(cursor.node_name(), "memory@40000000");
  EXPECT_EQ(cursor.depth(), 2u);
  EXPECT_EQ(cursor.next(), Token::Property);
  EXPECT_EQ(cursor.next(), Token::Property);
  EXPECT_EQ(cursor.value().number(0, 2), 0x4000'0000u);
  EXPECT_EQ(cursor.value().number(2, 2), 0x1000'0000u);
  EXPECT_EQ(cursor.next(), Token::EndNode);
  EXPECT_EQ(cursor.depth(), 2u);
  EXPECT_EQ(cursor.next(), Token::BeginNode);
  EXPECT_EQ(cursor.node_name(), "abc");
  EXPECT_EQ(cursor.next(), Token::Property);
  EXPECT_TRUE(cursor.value().present());
  EXPECT_EQ(cursor.value().bytes(), 0u);
  EXPECT_EQ(cursor.next(), Token::BeginNode);
  EXPECT_EQ(cursor.depth(), 3u);
  EXPECT_EQ(cursor.next(), Token::EndNode);
  EXPECT_EQ(cursor.next(), Token::EndNode);
  EXPECT_EQ(cursor.next(), Token::EndNode);
  EXPECT_EQ(cursor.depth(), 1u);
  EXPECT_EQ(cursor.next(), Token::End);
  EXPECT_EQ(cursor.next(), Token::End) << "the end stays the end";
}

TEST(DeviceTree, the_reservation_block_ends_at_its_terminator) {
  const Blob blob = small_tree();
  const DeviceTree tree = open(blob);
  std::uint64_t address = 0, bytes = 0;
  EXPECT_TRUE(tree.reservation(0, address, bytes));
  EXPECT_EQ(address, 0x1000u);
  EXPECT_EQ(bytes, 0x2000u);
  EXPECT_TRUE(tree.reservation(1, address, bytes));
  EXPECT_EQ(address, 0x8'0000'0000u);
  EXPECT_FALSE(tree.reservation(2, address, bytes));
  EXPECT_FALSE(tree.reservation(0xffff'ffff, address, bytes)) << "beyond the blob";
}

TEST(DeviceTree, a_wrong_header_is_refused_with_its_reason) {
  const Blob blob = small_tree();
  const auto verdict = [](const Blob& bad) {
    DeviceTree tree;
    return DeviceTree::check(bad.data(), tree);
  };
  EXPECT_EQ(verdict(blob.with_word(0, 0xd00dfeee)), DeviceTreeDefect::BadMagic);
  EXPECT_EQ(verdict(blob.with_word(4, 20)), DeviceTreeDefect::BadSize);
  EXPECT_EQ(verdict(blob.with_word(4, 0xffff'fff8)), DeviceTreeDefect::BadSize);
  EXPECT_EQ(verdict(blob.with_word(kOffsetVersion, 16)), DeviceTreeDefect::BadVersion);
  EXPECT_EQ(verdict(blob.with_word(kOffsetCompatibleVersion, 18)), DeviceTreeDefect::BadVersion);
  for (const std::size_t field : {kOffsetStructure, kOffsetStrings, kOffsetReservations}) {
    EXPECT_EQ(verdict(blob.with_word(field, static_cast<std::uint32_t>(blob.size()) + 8)), DeviceTreeDefect::BadBlock)
        << field;
    EXPECT_EQ(verdict(blob.with_word(field, 0xffff'fff8)), DeviceTreeDefect::BadBlock) << field;
    EXPECT_EQ(verdict(blob.with_word(field, 8)), DeviceTreeDefect::BadBlock) << "inside the header " << field;
  }
  EXPECT_EQ(verdict(blob.with_word(kOffsetStructure, word_at(blob, kOffsetStructure) + 2)), DeviceTreeDefect::BadBlock);
  EXPECT_EQ(verdict(blob.with_word(kOffsetStructureBytes, 0xffff'ffff)), DeviceTreeDefect::BadBlock);
  EXPECT_EQ(verdict(blob.with_word(kOffsetStringsBytes, 0xffff'ffff)), DeviceTreeDefect::BadBlock);
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data() + 4, tree), DeviceTreeDefect::Misaligned);
}

TEST(DeviceTree, every_defect_has_words) {
  for (const DeviceTreeDefect defect :
       {DeviceTreeDefect::None, DeviceTreeDefect::Misaligned, DeviceTreeDefect::BadMagic, DeviceTreeDefect::BadVersion,
        DeviceTreeDefect::BadSize, DeviceTreeDefect::BadBlock}) {
    EXPECT_NE(std::string(device_tree_defect_text(defect)), "");
  }
}

TEST(DeviceTree, a_structure_block_that_ends_early_is_damaged_at_every_length) {
  const Blob blob = small_tree();
  const std::uint32_t whole = word_at(blob, kOffsetStructureBytes);
  for (std::uint32_t bytes = 0; bytes < whole; ++bytes) {
    const Blob cut = blob.with_word(kOffsetStructureBytes, bytes);
    const auto [count, last] = walk(open(cut));
    EXPECT_EQ(last, Token::Damaged) << bytes;
  }
}

TEST(DeviceTree, tokens_that_do_not_nest_are_damaged) {
  const Blob blob = small_tree();
  const std::size_t structure = word_at(blob, kOffsetStructure);
  EXPECT_EQ(walk(open(blob.with_word(structure, 2))).second, Token::Damaged) << "an end without a beginning";
  EXPECT_EQ(walk(open(blob.with_word(structure, 3))).second, Token::Damaged) << "a property without a node";
  EXPECT_EQ(walk(open(blob.with_word(structure, 7))).second, Token::Damaged) << "an unknown token";
  EXPECT_EQ(walk(open(blob.with_word(structure + 8, 9))).second, Token::Damaged) << "the end inside a node";
}

TEST(DeviceTree, a_property_that_leads_outside_is_damaged) {
  const Blob blob = small_tree();
  const std::size_t first_property = word_at(blob, kOffsetStructure) + 8;
  ASSERT_EQ(word_at(blob, first_property), 3u);
  EXPECT_EQ(walk(open(blob.with_word(first_property + 4, 0xffff'ffff))).second, Token::Damaged) << "length";
  EXPECT_EQ(walk(open(blob.with_word(first_property + 4, 0x7fff'fff0))).second, Token::Damaged) << "length";
  EXPECT_EQ(walk(open(blob.with_word(first_property + 8, 0xffff'ffff))).second, Token::Damaged) << "name";
  EXPECT_EQ(walk(open(blob.with_word(first_property + 8, word_at(blob, kOffsetStringsBytes)))).second, Token::Damaged)
      << "name";
}

TEST(DeviceTree, a_property_name_without_an_end_is_compared_inside_the_strings_block) {
  Blob blob = small_tree();
  // The strings block is the last thing in the blob; take the terminator of its last name away.
  blob.data()[blob.size() - 1] = 'x';
  const DeviceTree tree = open(blob);
  DeviceTreeCursor cursor(tree);
  for (Token token = cursor.next(); token != Token::End; token = cursor.next()) {
    if (token == Token::Property) {
      EXPECT_FALSE(cursor.property_is("rangesxxxxxxxxxxxxxxxxxxxx"));
    }
  }
}

TEST(DeviceTree, numbers_beyond_the_value_are_zero) {
  const PropertyValue nothing;
  EXPECT_FALSE(nothing.present());
  EXPECT_EQ(nothing.cell(0), 0u);
  EXPECT_EQ(nothing.number(0, 2), 0u);
  EXPECT_EQ(nothing.text(), "");
}

TEST(DeviceTree, string_lists_are_searched_whole_strings_only) {
  static const char kList[] = "arm,gic-400\0arm,cortex-a15-gic";
  const StringList list(PropertyValue(kList, sizeof kList));
  EXPECT_TRUE(list.contains("arm,gic-400"));
  EXPECT_TRUE(list.contains("arm,cortex-a15-gic"));
  EXPECT_FALSE(list.contains("arm,gic"));
  EXPECT_FALSE(list.contains("cortex-a15-gic"));
  EXPECT_FALSE(list.contains(""));
}

TEST(DeviceTree, random_damage_never_leads_outside_and_every_walk_ends) {
  const Blob blob = small_tree();
  std::mt19937 random(20);
  unsigned refused = 0, damaged = 0, survived = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::uint8_t> bytes = blob.copy();
    for (unsigned hits = 1 + random() % 4; hits > 0; --hits)
      bytes[random() % bytes.size()] = static_cast<std::uint8_t>(random());
    fdt32_st(bytes.data() + 4, static_cast<std::uint32_t>(bytes.size()));  // the length is what was mapped
    const Blob bad(bytes);
    DeviceTree tree;
    if (DeviceTree::check(bad.data(), tree) != DeviceTreeDefect::None) {
      ++refused;
      continue;
    }
    const Token last = walk(tree).second;
    ASSERT_TRUE(last == Token::End || last == Token::Damaged);
    ++(last == Token::End ? survived : damaged);
    // What libfdt finds sound, this reader finds sound.
    if (fdt_check_full(bad.data(), bad.size()) == 0) {
      ASSERT_EQ(last, Token::End);
    }
  }
  EXPECT_GT(refused, 100u);
  EXPECT_GT(damaged, 100u);
  EXPECT_GT(survived, 100u);
}

}  // namespace
}  // namespace boot
