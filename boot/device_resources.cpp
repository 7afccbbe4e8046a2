// SPDX-License-Identifier: Apache-2.0
//
// Interrupts and registers by path. Devicetree Specification 0.4: 2.4 (interrupts), 2.3.8 (ranges); the meaning of a
// GIC's three cells: the arm,gic bindings.
#include "boot/device_resources.hpp"

#include "boot/early_console.hpp"
#include "hal/board.hpp"

namespace boot {

namespace {

constexpr std::uint32_t kSharedInterruptType = 0, kPrivateInterruptType = 1;
constexpr std::uint32_t kRisingEdge = 1, kHighLevel = 4, kTriggerMask = 0xf;
constexpr std::uint32_t kGicCells = 3;

Range pages_of(std::uint64_t start, std::uint64_t bytes) {
  const std::uint64_t first = start / base::kPageSize * base::kPageSize;
  const std::uint64_t end = (start + bytes + base::kPageSize - 1) / base::kPageSize * base::kPageSize;
  return {first, end - first};
}

bool overlap(Range one, Range other) {
  return one.bytes != 0 && other.bytes != 0 && one.start < other.end() && other.start < one.end();
}

Range range_of(const hal::PhysicalRegion& region) { return {region.start.value(), region.bytes}; }

/// Blocks that decide what the cores themselves see; a silo that had one would have the machine.
bool is_core_block(const DeviceNode& node) {
  const StringList compatible(node.compatible);
  const auto lists = [&compatible](std::string_view text) { return compatible.contains(text); };
  return hal::interrupt_controller_kind(lists) != hal::InterruptControllerKind::None || node.msi_controller.present() ||
         lists("brcm,bcm2836-l1-intc") || hal::is_bcm2835_power_management(lists);
}

}  // namespace

DeviceResources::DeviceResources(const DeviceTree& tree, const HandOff& handoff) : tree_(tree), handoff_(handoff) {
  DeviceNodeWalk walk(tree);
  if (walk.next() == DeviceNodeWalk::Step::Node) {
    const StringList compatible(walk.node().compatible);
    if (compatible.contains("linux,dummy-virt")) board_ = kernel::Board::Virt;
    if (compatible.contains("brcm,bcm2711") || compatible.contains("raspberrypi,4-model-b"))
      board_ = kernel::Board::RaspberryPi4;
  }
  const ConsoleDevice console = find_console(tree);
  if (console.kind != hal::UartKind::None) console_ = pages_of(console.registers, 1);
}

bool DeviceResources::is_kept_console(Range pages) const { return !console_may_go_ && overlap(pages, console_); }

const char* DeviceResources::why_kept(Range pages) const {
  const hal::GicDescription& gic = handoff_.interrupt_controller;
  bool is_controllers = overlap(pages, range_of(gic.distributor)) || overlap(pages, range_of(gic.cpu_interface));
  for (std::uint32_t i = 0; i < gic.redistributor_regions; ++i)
    is_controllers = is_controllers || overlap(pages, range_of(gic.redistributors[i]));
  if (is_controllers) return "its pages are the interrupt controller's, which the kernel keeps";
  if (overlap(pages, range_of(handoff_.power.watchdog)))
    return "its pages are those of the power management, which the kernel keeps";
  for (const Range& memory : handoff_.memory) {
    if (overlap(pages, memory)) return "its pages are memory, not a device";
  }
  for (const Range& reserved : handoff_.reservations) {
    if (overlap(pages, reserved)) return "its pages are reserved memory, not a device";
  }
  if (is_kept_console(pages)) return "its pages are those of the console, which the kernel keeps";
  return nullptr;
}

const char* DeviceResources::choose(const PlaceNode& place, std::string_view& path, std::uint32_t& index,
                                    kernel::Board& board) const {
  const auto own = static_cast<unsigned>(board_);
  const unsigned chosen = place.path[own].empty() ? 0 : own;
  if (place.path[chosen].empty()) return "the manifest has no path for this board";
  path = place.path[chosen];
  index = place.has_index[own] ? place.index[own] : place.has_index[0] ? place.index[0] : 0;
  board = board_;
  return nullptr;
}

std::uint32_t DeviceResources::cells_of_controller(std::uint32_t phandle) const {
  DeviceNodeWalk walk(tree_);
  while (walk.next() == DeviceNodeWalk::Step::Node) {
    const DeviceNode& node = walk.node();
    if (!node.phandle.present() || node.phandle.cell(0) != phandle) continue;
    const StringList compatible(node.compatible);
    const auto lists = [&compatible](std::string_view text) { return compatible.contains(text); };
    DeviceRegisters registers;
    const bool is_ours = hal::interrupt_controller_kind(lists) != hal::InterruptControllerKind::None &&
                         walk.registers(0, registers) &&
                         registers.address == handoff_.interrupt_controller.distributor.start.value();
    return is_ours ? node.interrupt_cells.cell(0) : 0;
  }
  return 0;
}

const char* DeviceResources::find_line(const PlaceNode& place, Line& line) const {
  std::string_view path;
  std::uint32_t index = 0;
  kernel::Board board = board_;
  if (const char* defect = choose(place, path, index, board)) return defect;
  DeviceNodeWalk walk(tree_);
  if (!find_node(walk, path)) return "its path leads to no node of the device tree";
  if (!walk.reachable()) return "its node, or one above it, is disabled in the device tree";
  const DeviceNode& node = walk.node();
  if (node.interrupts_extended.present()) return "its node has interrupts-extended, which this kernel does not read";
  if (!node.interrupts.present()) return "its node has no interrupt";
  const PropertyValue parent = walk.interrupt_parent();
  const std::uint32_t cells = parent.present() ? cells_of_controller(parent.cell(0)) : 0;
  if (cells < kGicCells) return "its node's interrupts do not go to the kernel's interrupt controller";
  if (index >= node.interrupts.cell_count() / cells) return "its node has fewer interrupts than its index says";
  const std::uint32_t type = node.interrupts.cell(index * cells);
  const std::uint32_t number = node.interrupts.cell(index * cells + 1);
  const std::uint32_t flags = node.interrupts.cell(index * cells + 2) & kTriggerMask;
  if (type == kPrivateInterruptType) return "it is an interrupt of single cores (a PPI), which silos cannot have";
  if (type != kSharedInterruptType || number >= port::kLinesMaximum) return "it is no interrupt that a silo can have";
  if (flags != kRisingEdge && flags != kHighLevel) return "it is neither a rising edge nor a high level";
  line.number = base::InterruptId(port::kFirstLine + number);
  line.trigger = flags == kRisingEdge ? port::Trigger::Edge : port::Trigger::Level;
  return nullptr;
}

const char* DeviceResources::find_device(const PlaceNode& place, DeviceRegisters& registers,
                                         kernel::Board& board) const {
  std::string_view path;
  std::uint32_t index = 0;
  if (const char* defect = choose(place, path, index, board)) return defect;
  DeviceNodeWalk walk(tree_);
  if (!find_node(walk, path)) return "its path leads to no node of the device tree";
  if (!walk.reachable()) return "its node, or one above it, is disabled in the device tree";
  if (is_core_block(walk.node())) return "it is a block of the machine that the kernel keeps";
  if (index >= walk.register_count()) return "its node has fewer registers than its index says";
  if (!walk.registers(index, registers) || registers.bytes == 0) return "its registers cannot be located";
  return why_kept(pages_of(registers.address, registers.bytes));
}

}  // namespace boot
