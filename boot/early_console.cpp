// SPDX-License-Identifier: Apache-2.0
//
// Three short passes over the tree: stdout-path, the alias it may name, the node. Nothing is remembered but views into
// the tree.
#include "boot/early_console.hpp"

#include <string_view>

#include "boot/device_tree_nodes.hpp"

namespace boot {

namespace {

/// Value of `property` in the root's child `node_name`.
PropertyValue property_of(const DeviceTree& tree, std::string_view node_name, std::string_view property) {
  DeviceTreeCursor cursor(tree);
  for (;;) {
    switch (cursor.next()) {
      case DeviceTreeToken::BeginNode:
        if (cursor.depth() == 2 && cursor.node_name() != node_name) static_cast<void>(cursor.skip_to_end_of(2));
        break;
      case DeviceTreeToken::Property:
        if (cursor.depth() == 2 && cursor.property_is(property)) return cursor.value();
        break;
      case DeviceTreeToken::EndNode: break;
      case DeviceTreeToken::End:
      case DeviceTreeToken::Damaged: return {};
    }
  }
}

}  // namespace

ConsoleDevice find_console(const DeviceTree& tree) {
  std::string_view path = property_of(tree, "chosen", "stdout-path").text();
  path = path.substr(0, path.find(':'));
  if (path.empty()) return {};
  if (path[0] != '/') path = property_of(tree, "aliases", path).text();
  DeviceNodeWalk walk(tree);
  DeviceRegisters registers;
  if (!find_node(walk, path) || !walk.registers(0, registers)) return {};
  const StringList compatible(walk.node().compatible);
  return {hal::uart_kind([&](std::string_view text) { return compatible.contains(text); }), registers.address};
}

LastResortConsole last_resort_console(std::uint32_t index) {
  constexpr std::uint64_t kVirtUart = 0x0900'0000;
  constexpr std::uint64_t kPi4Uart0 = 0xfe20'1000;
  constexpr std::uint64_t kPi4Auxiliary = 0xfe21'5000;
  // QEMU virt has one PL011.
  if (index == 0) return {hal::UartKind::Pl011, kVirtUart, kVirtUart, 0, 0};
  // Raspberry Pi 4: the mini UART if AUX_ENABLES says it is clocked, then the PL011 (UARTCR.UARTEN).
  if (index == 1) return {hal::UartKind::Bcm2835MiniUart, kPi4Auxiliary + 0x40, kPi4Uart0, kPi4Auxiliary + 0x4, 1};
  return {hal::UartKind::Pl011, kPi4Uart0, kPi4Uart0, 0, 0};
}

}  // namespace boot
