// SPDX-License-Identifier: Apache-2.0
//
// The node walk: cell sizes, translation through `ranges`, enabled ancestors, paths.
#include "test/fakes/host_prelude.hpp"

#include "boot/device_tree_nodes.hpp"

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;
using Step = DeviceNodeWalk::Step;

/// Like the Pi's: /soc translates 0x7e000000 to 0xfe000000, root has 2 + 1 cells.
DeviceTreeBuilder pi_like() {
  DeviceTreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {1});
  tree.begin("soc").cells("#address-cells", {1}).cells("#size-cells", {1});
  tree.cells("ranges", {0x7e00'0000, 0, 0xfe00'0000, 0x180'0000, 0x4000'0000, 0, 0xff80'0000, 0x80'0000});
  return tree;
}

DeviceRegisters find(const Blob& blob, std::string_view path, std::uint32_t index = 0) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  DeviceNodeWalk walk(tree);
  DeviceRegisters registers;
  EXPECT_TRUE(find_node(walk, path)) << path;
  EXPECT_TRUE(walk.registers(index, registers)) << path;
  return registers;
}

bool has_registers(const Blob& blob, std::string_view path) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  DeviceNodeWalk walk(tree);
  DeviceRegisters registers;
  EXPECT_TRUE(find_node(walk, path)) << path;
  return walk.registers(0, registers);
}

TEST(DeviceNodeWalk, translates_registers_through_the_ranges_of_a_bus) {
  DeviceTreeBuilder tree = pi_like();
  tree.begin("serial@7e215040").cells("reg", {0x7e21'5040, 0x40}).end();
  tree.begin("gic@40041000").cells("reg", {0x4004'1000, 0x1000, 0x4004'2000, 0x2000}).end();
  const Blob blob = tree.end().end().finish();
  EXPECT_EQ(find(blob, "/soc/serial@7e215040").address, 0xfe21'5040u);
  EXPECT_EQ(find(blob, "/soc/serial").bytes, 0x40u) << "a component without a unit address";
  EXPECT_EQ(find(blob, "/soc/gic@40041000", 1).address, 0xff84'2000u);
}

TEST(DeviceNodeWalk, translates_through_two_buses_and_through_an_empty_ranges) {
  DeviceTreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {2});
  tree.begin("outer").cells("#address-cells", {2}).cells("#size-cells", {2}).cells("ranges", {0, 0, 0x10, 0, 0x1, 0});
  tree.begin("middle").cells("#address-cells", {2}).cells("#size-cells", {2}).empty("ranges");
  tree.begin("inner")
      .cells("#address-cells", {1})
      .cells("#size-cells", {1})
      .cells("ranges", {0x1000, 0, 0x5000, 0x1000});
  tree.begin("device@1800").cells("reg", {0x1800, 0x100}).end();
  const Blob blob = tree.end().end().end().end().finish();
  EXPECT_EQ(find(blob, "/outer/middle/inner/device").address, 0x10'0000'5800u);
}

TEST(DeviceNodeWalk, registers_outside_of_every_range_or_behind_a_bus_without_ranges_are_not_located) {
  DeviceTreeBuilder tree = pi_like();
  tree.begin("beyond@7f800000").cells("reg", {0x7f80'0000, 4}).end();
  tree.begin("straddling@7f7fffff").cells("reg", {0x7f7f'ffff, 4}).end();
  tree.begin("i2c")
      .cells("#address-cells", {1})
      .cells("#size-cells", {0})
      .begin("chip@20")
      .cells("reg", {0x20})
      .end()
      .end();
  const Blob blob = tree.end().end().finish();
  EXPECT_FALSE(has_registers(blob, "/soc/beyond"));
  EXPECT_FALSE(has_registers(blob, "/soc/straddling"));
  EXPECT_FALSE(has_registers(blob, "/soc/i2c/chip@20"));
}

TEST(DeviceNodeWalk, absurd_cell_sizes_and_wrapping_ranges_are_refused) {
  DeviceTreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {2});
  tree.begin("top@0").cells("reg", {0xffff'ffff, 0xffff'f000, 0, 0x2000}).end();
  tree.begin("wide").cells("#address-cells", {7}).cells("#size-cells", {0xffff'fffe}).cells("ranges", {1, 2, 3});
  tree.begin("device@0").cells("reg", {1, 2, 3, 4, 5, 6, 7, 8}).end().end();
  tree.begin("none")
      .cells("#address-cells", {0})
      .cells("#size-cells", {0})
      .empty("ranges")
      .begin("device")
      .cells("reg", {1})
      .end()
      .end();
  const Blob blob = tree.end().finish();
  EXPECT_FALSE(has_registers(blob, "/top@0"));
  EXPECT_FALSE(has_registers(blob, "/wide/device@0"));
  EXPECT_FALSE(has_registers(blob, "/none/device"));
}

TEST(DeviceNodeWalk, absent_cell_sizes_are_two_and_one) {
  DeviceTreeBuilder tree;
  tree.begin("").begin("device@1").cells("reg", {1, 0x2000, 0x30}).end();
  const Blob blob = tree.end().finish();
  EXPECT_EQ(find(blob, "/device@1").address, 0x1'0000'2000u);
  EXPECT_EQ(find(blob, "/device@1").bytes, 0x30u);
}

TEST(DeviceNodeWalk, a_node_under_a_disabled_bus_is_not_reachable) {
  DeviceTreeBuilder tree;
  tree.begin("").begin("on").text("status", "okay").begin("a").end().end();
  tree.begin("off").text("status", "disabled").begin("b").end().end();
  tree.begin("c").end();
  const Blob blob = tree.end().finish();
  DeviceTree opened;
  ASSERT_EQ(DeviceTree::check(blob.data(), opened), DeviceTreeDefect::None);
  DeviceNodeWalk walk(opened);
  std::string seen;
  while (walk.next() == Step::Node) seen += std::string(walk.node().name) + (walk.reachable() ? "+ " : "- ");
  EXPECT_EQ(seen, "+ on+ a+ off- b- c+ ");
}

TEST(DeviceNodeWalk, a_path_that_is_left_is_not_found) {
  DeviceTreeBuilder tree;
  tree.begin("").begin("a").begin("x").end().end().begin("b").begin("y").end().end();
  const Blob blob = tree.end().finish();
  DeviceTree opened;
  ASSERT_EQ(DeviceTree::check(blob.data(), opened), DeviceTreeDefect::None);
  const auto found = [&](std::string_view path) {
    DeviceNodeWalk walk(opened);
    return find_node(walk, path);
  };
  EXPECT_TRUE(found("/"));
  EXPECT_TRUE(found("/b/y"));
  EXPECT_TRUE(found("/b/y:115200n8"));
  EXPECT_FALSE(found("/a/y"));
  EXPECT_FALSE(found("/b/y/z"));
  EXPECT_FALSE(found("/a/x/y"));
  EXPECT_FALSE(found("b/y"));
  EXPECT_FALSE(found(""));
  EXPECT_FALSE(found("//"));
}

TEST(DeviceNodeWalk, a_tree_deeper_than_sixteen_levels_is_damaged) {
  for (const unsigned depth : {16u, 17u}) {
    DeviceTreeBuilder tree;
    for (unsigned level = 0; level < depth; ++level) tree.begin(level == 0 ? "" : "n");
    for (unsigned level = 0; level < depth; ++level) tree.end();
    const Blob blob = tree.finish();
    DeviceTree opened;
    ASSERT_EQ(DeviceTree::check(blob.data(), opened), DeviceTreeDefect::None);
    DeviceNodeWalk walk(opened);
    Step step = walk.next();
    while (step == Step::Node) step = walk.next();
    EXPECT_EQ(step, depth == 16 ? Step::End : Step::Damaged);
    EXPECT_EQ(walk.next(), step) << "it stays so";
  }
}

}  // namespace
}  // namespace boot
