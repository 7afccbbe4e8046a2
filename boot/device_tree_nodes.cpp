// SPDX-License-Identifier: Apache-2.0
//
// The node walk. Default cell sizes and the meaning of `ranges`: Devicetree Specification 0.4, sections 2.3.5
// and 2.3.8.
#include "boot/device_tree_nodes.hpp"

namespace boot {

namespace {

constexpr std::uint32_t kDefaultAddressCells = 2, kDefaultSizeCells = 1, kCellsMaximum = 2;

bool component_matches(std::string_view component, std::string_view name) {
  if (component == name) return true;
  return name.size() > component.size() && name[component.size()] == '@' &&
         name.substr(0, component.size()) == component;
}

}  // namespace

DeviceNodeWalk::Member DeviceNodeWalk::member_for_property() const {
  const auto is = [this](std::string_view name) { return cursor_.property_is(name); };
  switch (cursor_.property_initial()) {
    case '#':
      if (is("#address-cells")) return &DeviceNode::address_cells;
      if (is("#size-cells")) return &DeviceNode::size_cells;
      if (is("#interrupt-cells")) return &DeviceNode::interrupt_cells;
      if (is("#redistributor-regions")) return &DeviceNode::redistributor_regions;
      return nullptr;
    case 'b': return is("bootargs") ? &DeviceNode::bootargs : nullptr;
    case 'c':
      if (is("compatible")) return &DeviceNode::compatible;
      if (is("cpu-release-addr")) return &DeviceNode::release_address;
      if (is("clock-frequency")) return &DeviceNode::clock_frequency;
      return nullptr;
    case 'd': return is("device_type") ? &DeviceNode::device_type : nullptr;
    case 'e': return is("enable-method") ? &DeviceNode::enable_method : nullptr;
    case 'i':
      if (is("interrupts")) return &DeviceNode::interrupts;
      if (is("interrupts-extended")) return &DeviceNode::interrupts_extended;
      return is("interrupt-parent") ? &DeviceNode::interrupt_parent : nullptr;
    case 'l':
      if (is("linux,phandle")) return &DeviceNode::phandle;
      if (is("linux,initrd-start")) return &DeviceNode::initrd_start;
      if (is("linux,initrd-end")) return &DeviceNode::initrd_end;
      return nullptr;
    case 'm':
      if (is("msi-controller")) return &DeviceNode::msi_controller;
      if (is("method")) return &DeviceNode::method;
      return is("model") ? &DeviceNode::model : nullptr;
    case 'p': return is("phandle") ? &DeviceNode::phandle : nullptr;
    case 'r':
      if (is("reg")) return &DeviceNode::reg;
      if (is("ranges")) return &DeviceNode::ranges;
      return is("redistributor-stride") ? &DeviceNode::redistributor_stride : nullptr;
    case 's':
      if (is("status")) return &DeviceNode::status;
      return is("stdout-path") ? &DeviceNode::stdout_path : nullptr;
    default: return nullptr;
  }
}

void DeviceNodeWalk::take_property() {
  const std::uint32_t place = cursor_.name_offset();
  KnownName& known = known_[(place ^ place >> 5) % kKnownNames];
  if (known.place != place) known = {place, member_for_property()};
  if (known.member != nullptr) node_.*known.member = cursor_.value();
}

DeviceNodeWalk::Step DeviceNodeWalk::next() {
  DeviceTreeToken token = pending_ == DeviceTreeToken::Property ? cursor_.next() : pending_;
  // Properties behind a child node belong to no node we could still name; the specification forbids them (5.4.2).
  while (token == DeviceTreeToken::EndNode || token == DeviceTreeToken::Property) token = cursor_.next();
  pending_ = token;
  if (token == DeviceTreeToken::End) return Step::End;
  if (token != DeviceTreeToken::BeginNode || cursor_.depth() > kDepthMaximum) {
    pending_ = DeviceTreeToken::Damaged;
    return Step::Damaged;
  }
  node_ = DeviceNode{};
  node_.name = cursor_.node_name();
  node_.depth = cursor_.depth();
  while ((pending_ = cursor_.next()) == DeviceTreeToken::Property) take_property();
  Level& level = level_[node_.depth - 1];
  level.address_cells = node_.address_cells.present() ? node_.address_cells.cell(0) : kDefaultAddressCells;
  level.size_cells = node_.size_cells.present() ? node_.size_cells.cell(0) : kDefaultSizeCells;
  level.ranges = node_.ranges;
  level.parent = node_.interrupt_parent;
  if (!level.parent.present() && node_.depth > 1) level.parent = level_[node_.depth - 2].parent;
  level.enabled = node_.enabled() && (node_.depth == 1 || level_[node_.depth - 2].enabled);
  return Step::Node;
}

std::uint32_t DeviceNodeWalk::register_count() const {
  const std::uint64_t cells = std::uint64_t{address_cells()} + size_cells();
  return cells == 0 ? 0 : static_cast<std::uint32_t>(node_.reg.cell_count() / cells);
}

bool DeviceNodeWalk::registers(std::uint32_t index, DeviceRegisters& found) const {
  if (node_.depth < 2 || index >= register_count()) return false;
  if (address_cells() > kCellsMaximum || size_cells() > kCellsMaximum || address_cells() == 0) return false;
  const std::uint32_t at = index * (address_cells() + size_cells());
  std::uint64_t address = node_.reg.number(at, address_cells());
  const std::uint64_t bytes = node_.reg.number(at + address_cells(), size_cells());
  // From the node's parent up to the root's children: each bus translates into its own parent's addresses.
  for (std::uint32_t depth = node_.depth - 1; depth > 1; --depth) {
    const Level& bus = level_[depth - 1];
    const Level& above = level_[depth - 2];
    if (!bus.ranges.present()) return false;  // not memory-mapped from here on
    if (bus.ranges.bytes() == 0) continue;    // one to one
    if (bus.address_cells > kCellsMaximum || bus.size_cells > kCellsMaximum || above.address_cells > kCellsMaximum)
      return false;
    const std::uint32_t entry = bus.address_cells + above.address_cells + bus.size_cells;
    bool translated = false;
    for (std::uint32_t cell = 0; entry != 0 && cell + entry <= bus.ranges.cell_count(); cell += entry) {
      const std::uint64_t child = bus.ranges.number(cell, bus.address_cells);
      const std::uint64_t to = bus.ranges.number(cell + bus.address_cells, above.address_cells);
      const std::uint64_t length = bus.ranges.number(cell + bus.address_cells + above.address_cells, bus.size_cells);
      if (address < child || address - child >= length || bytes > length - (address - child)) continue;
      address = to + (address - child);
      translated = true;
      break;
    }
    if (!translated) return false;
  }
  if (address + bytes < address) return false;
  found = DeviceRegisters{address, bytes};
  return true;
}

bool find_node(DeviceNodeWalk& walk, std::string_view path) {
  if (path.empty() || path[0] != '/') return false;
  std::string_view rest = path.substr(1);
  rest = rest.substr(0, rest.find(':'));
  std::uint32_t matched_depth = 1;  // ancestors down to this depth are on the path
  while (walk.next() == DeviceNodeWalk::Step::Node) {
    const DeviceNode& node = walk.node();
    if (node.depth == 1) {
      if (rest.empty()) return true;
      continue;
    }
    if (node.depth <= matched_depth) return false;  // left the path without having found its end
    if (node.depth != matched_depth + 1) continue;
    const std::string_view component = rest.substr(0, rest.find('/'));
    if (!component_matches(component, node.name)) continue;
    if (component.size() == rest.size()) return true;
    rest.remove_prefix(component.size() + 1);
    ++matched_depth;
  }
  return false;
}

}  // namespace boot
