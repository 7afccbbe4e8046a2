// SPDX-License-Identifier: Apache-2.0
//
// The strict reader of nodes: entering, leaving, remembering a place, properties in any order, unknown ones passed
// over.
#include "test/fakes/host_prelude.hpp"

#include "boot/image_reader.hpp"

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;

constexpr ExpectedProperty kExpected[] = {
    {"name", PropertyShape::Text, true}, {"size", PropertyShape::Wide, true}, {"slot", PropertyShape::Word, false}};

DeviceTree open(const Blob& blob) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  return tree;
}

Blob three_children() {
  DeviceTreeBuilder tree;
  tree.begin("");
  tree.begin("a").text("name", "one").wide("size", 1).begin("x").begin("y").end().text("late", "property").end().end();
  tree.begin("b").cells("slot", {7}).text("unknown", "thing").wide("size", 2).text("name", "two").end();
  tree.begin("c").wide("size", 3).text("name", "three").end();
  return tree.end().finish();
}

TEST(ImageReader, enters_and_leaves_children_in_order_whatever_is_inside) {
  const Blob blob = three_children();
  ImageReader reader(open(blob));
  ASSERT_TRUE(reader.enter());
  std::string names;
  while (reader.enter()) {
    names += reader.node_name();
    reader.leave();
  }
  EXPECT_EQ(names, "abc");
  EXPECT_FALSE(reader.damaged());
}

TEST(ImageReader, leaves_from_deep_inside) {
  const Blob blob = three_children();
  ImageReader reader(open(blob));
  ASSERT_TRUE(reader.enter() && reader.enter() && reader.enter() && reader.enter());
  EXPECT_EQ(reader.node_name(), "y");
  EXPECT_FALSE(reader.enter());
  reader.leave();
  reader.leave();
  reader.leave();
  ASSERT_TRUE(reader.enter());
  EXPECT_EQ(reader.node_name(), "b");
}

TEST(ImageReader, takes_properties_in_any_order_and_passes_over_unknown_ones) {
  const Blob blob = three_children();
  ImageReader reader(open(blob));
  ASSERT_TRUE(reader.enter());
  std::string seen;
  while (reader.enter()) {
    PropertyValue values[3];
    ASSERT_EQ(reader.take_properties(kExpected, values), nullptr);
    seen += std::string(values[0].text()) + " " + std::to_string(values[1].number(0, 2)) + " " +
            std::to_string(values[2].cell(0)) + ", ";
    reader.leave();
  }
  EXPECT_EQ(seen, "one 1 0, two 2 7, three 3 0, ");
}

TEST(ImageReader, an_unknown_name_that_stands_first_is_not_taken_for_a_known_one) {
  DeviceTreeBuilder tree;
  tree.begin("").begin("a").text("unknown", "thing").wide("size", 1).text("name", "n").end();
  const Blob blob = tree.end().finish();
  ImageReader reader(open(blob));
  ASSERT_TRUE(reader.enter() && reader.enter());
  PropertyValue values[3];
  ASSERT_EQ(reader.take_properties(kExpected, values), nullptr);
  EXPECT_EQ(values[0].text(), "n");
}

TEST(ImageReader, a_copy_remembers_the_place) {
  const Blob blob = three_children();
  ImageReader reader(open(blob));
  ASSERT_TRUE(reader.enter() && reader.enter());
  ImageReader remembered = reader;
  reader.leave();
  ASSERT_TRUE(reader.enter());
  EXPECT_EQ(remembered.node_name(), "a");
  remembered.leave();
  ASSERT_TRUE(remembered.enter());
  EXPECT_EQ(remembered.node_name(), "b");
}

TEST(ImageReader, shapes_are_checked) {
  const auto defect = [](auto write) {
    DeviceTreeBuilder tree;
    tree.begin("");
    write(tree);
    const Blob blob = tree.end().finish();
    ImageReader reader(open(blob));
    EXPECT_TRUE(reader.enter());
    PropertyValue values[3];
    const char* text = reader.take_properties(kExpected, values);
    return std::string(text == nullptr ? "none" : text);
  };
  EXPECT_EQ(defect([](auto& t) { t.text("name", "n").wide("size", 1); }), "none");
  EXPECT_EQ(defect([](auto& t) { t.text("name", "n"); }), "a property is missing");
  EXPECT_EQ(defect([](auto& t) { t.text("name", "n").cells("size", {1}); }), "a number has not 8 bytes");
  EXPECT_EQ(defect([](auto& t) { t.text("name", "n").wide("size", 1).empty("slot"); }), "a number has not 4 bytes");
  EXPECT_EQ(defect([](auto& t) { t.empty("name").wide("size", 1); }), "a text is empty or not ended");
  EXPECT_EQ(defect([](auto& t) { t.text("name", "").wide("size", 1); }), "a text is empty or not ended");
  EXPECT_EQ(defect([](auto& t) {
              t.text("name", {"two", "strings"}).wide("size", 1);
            }),
            "a text is empty or not ended");
  EXPECT_EQ(defect([](auto& t) { t.cells("name", {0x6162'6364}).wide("size", 1); }), "a text is empty or not ended");
}

TEST(ImageReader, a_tree_that_ends_early_is_damaged_and_every_loop_over_it_ends) {
  const Blob blob = three_children();
  const std::uint32_t whole = fdt32_ld(reinterpret_cast<const fdt32_t*>(blob.data() + 36));
  for (std::uint32_t bytes = 0; bytes < whole; bytes += 4) {
    const Blob cut = blob.with_word(36, bytes);
    ImageReader reader(open(cut));
    if (reader.enter()) {
      while (reader.enter()) {
        PropertyValue values[3];
        static_cast<void>(reader.take_properties(kExpected, values));
        reader.leave();
      }
      reader.leave();
    }
    EXPECT_TRUE(reader.damaged()) << bytes;
  }
}

}  // namespace
}  // namespace boot
