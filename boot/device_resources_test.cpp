// SPDX-License-Identifier: Apache-2.0
//
// From paths to interrupts and registers: trees like those of QEMU virt and of the Pi 4, and each way in which a
// manifest can be wrong about one.
#include "test/fakes/host_prelude.hpp"

#include "boot/device_resources.hpp"

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;

constexpr std::uint32_t kGic = 1, kOtherController = 2;

/// A machine like both: RAM, a GIC, a soc that translates, a bus without translation.
Blob machine(const char* compatible = "linux,dummy-virt") {
  DeviceTreeBuilder t;
  t.begin("").text("compatible", compatible).cells("interrupt-parent", {kGic});
  t.cells("#address-cells", {2}).cells("#size-cells", {2});
  t.begin("chosen").text("stdout-path", "/pl011@9000000").end();
  t.begin("memory@40000000").text("device_type", "memory").cells("reg", {0, 0x4000'0000, 0, 0x2000'0000}).end();
  t.begin("cpus").cells("#address-cells", {1}).cells("#size-cells", {0});
  t.begin("cpu@0").text("device_type", "cpu").cells("reg", {0}).end().end();
  t.begin("timer").text("compatible", "arm,armv8-timer");
  t.cells("interrupts", {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4}).end();
  t.begin("intc@8000000").text("compatible", "arm,cortex-a15-gic").cells("#interrupt-cells", {3});
  t.cells("reg", {0, 0x800'0000, 0, 0x1'0000, 0, 0x801'0000, 0, 0x1'0000}).cells("phandle", {kGic});
  t.begin("v2m@8020000").text("compatible", "arm,gic-v2m-frame").cells("msi-controller", {});
  t.cells("reg", {0, 0x802'0000, 0, 0x1000}).end().end();
  t.begin("inner@a0").cells("#interrupt-cells", {2}).cells("phandle", {kOtherController}).end();
  t.begin("pl011@9000000").text("compatible", "arm,pl011").cells("reg", {0, 0x900'0000, 0, 0x1000});
  t.cells("interrupts", {0, 1, 4}).end();
  t.begin("pl031@9010000").cells("reg", {0, 0x901'0000, 0, 0x1000}).cells("interrupts", {0, 2, 4}).end();
  t.begin("edge@a000200").cells("reg", {0, 0xa00'0200, 0, 0x200}).cells("interrupts", {0, 17, 1}).end();
  t.begin("falling@b0").cells("interrupts", {0, 18, 2}).end();
  t.begin("private@b1").cells("interrupts", {1, 7, 4}).end();
  t.begin("absurd@b2").cells("interrupts", {0, 988, 4}).end();
  t.begin("extended@b3").cells("interrupts-extended", {kGic, 0, 3, 4}).end();
  t.begin("elsewhere@b4").cells("interrupt-parent", {kOtherController}).cells("interrupts", {5, 1}).end();
  t.begin("ram@50000000").cells("reg", {0, 0x5000'0000, 0, 0x1000}).end();
  t.begin("near@8000800").cells("reg", {0, 0x800'0800, 0, 0x10}).end();
  t.begin("beside@9000ff0").cells("reg", {0, 0x9000'ff0, 0, 0x10}).end();
  t.begin("off@c0").text("status", "disabled").cells("reg", {0, 0x902'0000, 0, 0x1000}).cells("interrupts", {0, 9, 4});
  t.begin("below@0").cells("reg", {0, 0x902'1000, 0, 0x1000}).end().end();
  t.begin("soc").cells("#address-cells", {1}).cells("#size-cells", {1});
  t.cells("ranges", {0x7e00'0000, 0, 0xfe00'0000, 0x180'0000});
  t.begin("timer@7e003000").cells("reg", {0x7e00'3000, 0x1000});
  t.cells("interrupts", {0, 64, 4, 0, 65, 4, 0, 66, 4, 0, 67, 4}).end();
  t.begin("lost@10").cells("reg", {0x10, 0x10}).end();
  t.begin("watchdog@7e100000").text("compatible", "brcm,bcm2835-pm-wdt").cells("reg", {0x7e10'0000, 0x114}).end();
  t.end().end();
  return t.finish();
}

class Resources : public testing::Test {
 protected:
  Blob blob = machine();
  DeviceTree tree;
  HandOff handoff;

  void SetUp() override {
    ASSERT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
    const HandOffDefect defect = parse_device_tree(tree, 0x4800'0000, handoff);
    ASSERT_FALSE(defect) << defect.text;
  }
  static PlaceNode place(std::string_view path, std::uint32_t index = 0) {
    PlaceNode node;
    node.path[0] = path;
    node.index[0] = index;
    node.has_index[0] = true;
    return node;
  }
  std::string line(const PlaceNode& where) {
    DeviceResources::Line found;
    const char* const defect = DeviceResources(tree, handoff).find_line(where, found);
    if (defect != nullptr) return defect;
    return std::to_string(found.number.value()) + (found.trigger == port::Trigger::Edge ? " edge" : " level");
  }
  std::string line(std::string_view path, std::uint32_t index = 0) { return line(place(path, index)); }
  std::string device(const PlaceNode& where, bool console_goes = false) {
    DeviceRegisters registers;
    kernel::Board board{};
    DeviceResources resources(tree, handoff);
    if (console_goes) resources.let_console_go();
    const char* const defect = resources.find_device(where, registers, board);
    if (defect != nullptr) return defect;
    char text[64];
    std::snprintf(text, sizeof text, "%#lx %#lx", static_cast<unsigned long>(registers.address),
                  static_cast<unsigned long>(registers.bytes));
    return text;
  }
  std::string device(std::string_view path, std::uint32_t index = 0) { return device(place(path, index)); }
};

TEST_F(Resources, Q3_a_shared_interrupt_is_found_with_its_trigger) {
  EXPECT_EQ(line("/pl031@9010000"), "34 level");
  EXPECT_EQ(line("/edge@a000200"), "49 edge");
  EXPECT_EQ(line("/soc/timer@7e003000", 3), "99 level");
}

TEST_F(Resources, Q3_what_is_no_line_for_a_silo_is_refused_with_a_sentence) {
  EXPECT_EQ(line("/nowhere@0"), "its path leads to no node of the device tree");
  EXPECT_EQ(line("pl031@9010000"), "its path leads to no node of the device tree");
  EXPECT_EQ(line("/off@c0"), "its node, or one above it, is disabled in the device tree");
  EXPECT_EQ(line("/ram@50000000"), "its node has no interrupt");
  EXPECT_EQ(line("/pl031@9010000", 1), "its node has fewer interrupts than its index says");
  EXPECT_EQ(line("/pl031@9010000", 0xffff'ffff), "its node has fewer interrupts than its index says");
  EXPECT_EQ(line("/timer"), "it is an interrupt of single cores (a PPI), which silos cannot have")
      << "the kernel's timer";
  EXPECT_EQ(line("/private@b1"), "it is an interrupt of single cores (a PPI), which silos cannot have");
  EXPECT_EQ(line("/falling@b0"), "it is neither a rising edge nor a high level");
  EXPECT_EQ(line("/absurd@b2"), "it is no interrupt that a silo can have");
  EXPECT_EQ(line("/extended@b3"), "its node has interrupts-extended, which this kernel does not read");
  EXPECT_EQ(line("/elsewhere@b4"), "its node's interrupts do not go to the kernel's interrupt controller");
}

TEST_F(Resources, Q1_registers_are_found_where_the_core_sees_them) {
  EXPECT_EQ(device("/pl031@9010000"), "0x9010000 0x1000");
  EXPECT_EQ(device("/soc/timer@7e003000"), "0xfe003000 0x1000");
}

TEST_F(Resources, Q2_what_is_the_kernels_stays_the_kernels) {
  const char* const kController = "its pages are the interrupt controller's, which the kernel keeps";
  const char* const kBlock = "it is a block of the machine that the kernel keeps";
  EXPECT_EQ(device("/intc@8000000"), kBlock);
  EXPECT_EQ(device("/intc@8000000/v2m@8020000"), kBlock) << "who has it can send any interrupt";
  EXPECT_EQ(device("/near@8000800"), kController);
  EXPECT_EQ(device("/soc/watchdog@7e100000"), kBlock);
  EXPECT_EQ(device("/ram@50000000"), "its pages are memory, not a device");
  EXPECT_EQ(device("/pl011@9000000"), "its pages are those of the console, which the kernel keeps");
  EXPECT_EQ(device("/beside@9000ff0"), "its pages are those of the console, which the kernel keeps");
  EXPECT_EQ(device(place("/pl011@9000000"), true), "0x9000000 0x1000") << "the system says that a silo has the console";
  EXPECT_EQ(device(place("/intc@8000000"), true), kBlock);
}

TEST_F(Resources, Q1_registers_that_are_not_there_are_refused) {
  EXPECT_EQ(device("/soc/lost@10"), "its registers cannot be located");
  EXPECT_EQ(device("/pl031@9010000", 1), "its node has fewer registers than its index says");
  EXPECT_EQ(device("/falling@b0"), "its node has fewer registers than its index says");
  EXPECT_EQ(device("/off@c0/below@0"), "its node, or one above it, is disabled in the device tree");
}

TEST_F(Resources, Q1_reserved_memory_is_no_device) {
  static_cast<void>(handoff.reservations.push({0x901'0800, 0x10}));
  EXPECT_EQ(device("/pl031@9010000"), "its pages are reserved memory, not a device");
}

TEST_F(Resources, Q1_each_board_has_its_own_path_and_index) {
  PlaceNode where;
  where.path[1] = "/pl031@9010000";
  where.path[2] = "/soc/timer@7e003000";
  where.index[2] = 1;
  where.has_index[2] = true;
  EXPECT_EQ(line(where), "34 level");
  blob = machine("brcm,bcm2711");
  SetUp();
  EXPECT_EQ(line(where), "97 level");
  blob = machine("somebody,else");
  handoff = HandOff{};
  SetUp();
  EXPECT_EQ(line(where), "the manifest has no path for this board");
  where.path[0] = "/edge@a000200";
  EXPECT_EQ(line(where), "49 edge");
}

}  // namespace
}  // namespace boot
