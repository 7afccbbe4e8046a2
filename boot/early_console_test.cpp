// SPDX-License-Identifier: Apache-2.0
//
// Which UART the first words go to.
#include "test/fakes/host_prelude.hpp"

#include "boot/early_console.hpp"

#include <map>

#include "test/fakes/device_tree_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::DeviceTreeBuilder;
using hal::UartKind;

ConsoleDevice console_of(const Blob& blob) {
  DeviceTree tree;
  EXPECT_EQ(DeviceTree::check(blob.data(), tree), DeviceTreeDefect::None);
  return find_console(tree);
}

DeviceTreeBuilder virt_like(const char* stdout_path) {
  DeviceTreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {2});
  tree.begin("secure-chosen").text("stdout-path", "/pl011@9040000").end();
  tree.begin("pl011@9040000")
      .text("compatible", {"arm,pl011", "arm,primecell"})
      .cells("reg", {0, 0x904'0000, 0, 0x1000})
      .end();
  tree.begin("pl011@9000000")
      .text("compatible", {"arm,pl011", "arm,primecell"})
      .cells("reg", {0, 0x900'0000, 0, 0x1000})
      .end();
  tree.begin("other@a000000").text("compatible", "acme,uart").cells("reg", {0, 0xa00'0000, 0, 0x1000}).end();
  tree.begin("aliases").text("serial0", "/pl011@9000000").text("serial1", "/nowhere").end();
  tree.begin("chosen").text("stdout-path", stdout_path).end();
  return tree;
}

TEST(EarlyConsole, stdout_path_names_the_uart_and_secure_chosen_does_not) {
  const ConsoleDevice console = console_of(virt_like("/pl011@9000000").end().finish());
  EXPECT_EQ(console.kind, UartKind::Pl011);
  EXPECT_EQ(console.registers, 0x900'0000u);
}

TEST(EarlyConsole, stdout_path_may_be_an_alias_with_options) {
  EXPECT_EQ(console_of(virt_like("serial0:115200n8").end().finish()).registers, 0x900'0000u);
  EXPECT_EQ(console_of(virt_like("/pl011@9000000:115200").end().finish()).registers, 0x900'0000u);
}

TEST(EarlyConsole, a_stdout_path_that_leads_to_no_known_uart_gives_none) {
  for (const char* path : {"/other@a000000", "/nowhere", "serial1", "serial9", ":115200", ""}) {
    EXPECT_EQ(console_of(virt_like(path).end().finish()).kind, UartKind::None) << path;
  }
}

TEST(EarlyConsole, without_chosen_there_is_none) {
  DeviceTreeBuilder tree;
  EXPECT_EQ(console_of(tree.begin("").end().finish()).kind, UartKind::None);
}

TEST(EarlyConsole, the_mini_uart_of_a_pi_is_found_through_alias_and_ranges) {
  DeviceTreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {1});
  tree.begin("aliases").text("serial0", "/soc/serial@7e201000").text("serial1", "/soc/serial@7e215040").end();
  tree.begin("chosen").text("stdout-path", "serial1:115200n8").end();
  tree.begin("soc")
      .cells("#address-cells", {1})
      .cells("#size-cells", {1})
      .cells("ranges", {0x7e00'0000, 0, 0xfe00'0000, 0x180'0000});
  tree.begin("serial@7e201000")
      .text("compatible", {"arm,pl011", "arm,primecell"})
      .cells("reg", {0x7e20'1000, 0x200})
      .end();
  tree.begin("serial@7e215040")
      .text("compatible", "brcm,bcm2835-aux-uart")
      .cells("reg", {0x7e21'5040, 0x40})
      .end()
      .end();
  const ConsoleDevice console = console_of(tree.end().finish());
  EXPECT_EQ(console.kind, UartKind::Bcm2835MiniUart);
  EXPECT_EQ(console.registers, 0xfe21'5040u);
}

TEST(EarlyConsole, a_damaged_tree_gives_none) {
  const Blob blob = virt_like("/pl011@9000000").end().finish();
  for (std::uint32_t bytes = 0; bytes < 200; bytes += 4)
    EXPECT_EQ(console_of(blob.with_word(36, bytes)).kind, UartKind::None);
}

TEST(EarlyConsole, a_prime_cell_uart_is_known_by_its_identification) {
  std::map<std::uint64_t, std::uint32_t> page = {{0xfe0, 0x11}, {0xfe4, 0x10}, {0xff0, 0x0d},
                                                 {0xff4, 0xf0}, {0xff8, 0x05}, {0xffc, 0xb1}};
  const auto read = [&](std::uint64_t offset) { return page[offset]; };
  EXPECT_TRUE(is_prime_cell_uart(read));
  page[0xfe0] = 0x31;  // a timer
  EXPECT_FALSE(is_prime_cell_uart(read));
  EXPECT_FALSE(is_prime_cell_uart([](std::uint64_t) { return 0u; })) << "RAM";
  EXPECT_FALSE(is_prime_cell_uart([](std::uint64_t) { return 0xffff'ffffu; })) << "nothing";
}

TEST(EarlyConsole, each_console_of_last_resort_can_be_identified) {
  for (std::uint32_t index = 0; index < kLastResortCount; ++index) {
    const LastResortConsole guess = last_resort_console(index);
    EXPECT_NE(guess.kind, UartKind::None);
    EXPECT_NE(guess.registers, 0u);
    EXPECT_EQ(guess.identified_by % 0x1000, 0u);
  }
}

}  // namespace
}  // namespace boot
