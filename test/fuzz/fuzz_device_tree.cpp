// SPDX-License-Identifier: Apache-2.0
//
// Fuzzer of what boot reads of the device tree: hand-off, console, memory, and devices and interrupts for silos. The
// tree lies alone in its memory, so that a byte read behind it is seen.
#include <cstring>
#include <memory>

#include "boot/device_resources.hpp"
#include "boot/early_console.hpp"
#include "boot/handoff.hpp"
#include "boot/memory_plan.hpp"

namespace {

constexpr std::uint64_t kPhysical = 0x4800'0000;
constexpr const char* kPaths[] = {
    "/pl011@9000000", "/pl031@9010000", "/soc/timer@7e003000", "/intc@8000000", "/", "/a/b"};

void look_things_up(const boot::DeviceTree& tree, const boot::HandOff& handoff) {
  boot::DeviceResources resources(tree, handoff);
  for (const char* path : kPaths) {
    boot::PlaceNode place;
    for (unsigned board = 0; board < boot::PlaceNode::kBoards; ++board) {
      place.path[board] = path;
      place.index[board] = board;
      place.has_index[board] = true;
    }
    boot::DeviceResources::Line line;
    static_cast<void>(resources.find_line(place, line));
    boot::DeviceRegisters registers;
    kernel::Board board;
    static_cast<void>(resources.find_device(place, registers, board));
  }
  resources.let_console_go();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < boot::kDeviceTreeHeaderBytes) return 0;
  // As the kernel does: first the header alone, then as much as that says.
  alignas(8) std::uint8_t header[boot::kDeviceTreeHeaderBytes];
  std::memcpy(header, data, sizeof header);
  boot::DeviceTree tree;
  if (boot::DeviceTree::check(header, tree) != boot::DeviceTreeDefect::None || tree.total_bytes() > size) return 0;
  const std::unique_ptr<std::uint8_t[]> blob(new std::uint8_t[tree.total_bytes()]);
  std::memcpy(blob.get(), data, tree.total_bytes());
  if (boot::DeviceTree::check(blob.get(), tree) != boot::DeviceTreeDefect::None) return 0;

  static_cast<void>(boot::find_console(tree));
  boot::HandOff handoff;
  if (boot::parse_device_tree(tree, kPhysical, handoff)) return 0;
  static_cast<void>(boot::put_boot_core_first(handoff, 0));
  boot::MemoryPlan plan = boot::plan_memory(handoff, {0x4020'0000, 0x20'0000});
  static_cast<void>(plan.cut_out(0x10'0000, 0x20'0000));
  look_things_up(tree, handoff);
  return 0;
}
