// SPDX-License-Identifier: Apache-2.0
//
// Fuzzer of the system image: boot's reader and loader with the whole kernel behind it, over fake hardware, until its
// first thread would run. An input is the description (the FDT blob); the header stands before it and zeros behind it,
// for data. A checksum is 0 here, whatever it is of, so that a changed byte gets past it: what it would refuse is for
// the reader to refuse. Every input begins with the kernel as it is when the machine starts.
#include <cstring>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "boot/device_resources.hpp"
#include "boot/system_image.hpp"
#include "ipc/abi/system_image.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/system.hpp"
#include "test/fakes/fake_machine.hpp"
#include "test/fakes/fake_memory.hpp"

// What kernel/ and ipc/ own (kernel_state.hpp); named by the linker.
extern "C" {
extern std::byte __start_kernel_bss[] [[gnu::weak]], __stop_kernel_bss[] [[gnu::weak]];
extern std::byte __start_kernel_data[] [[gnu::weak]], __stop_kernel_data[] [[gnu::weak]];
}

namespace port {
std::uint32_t crc32(std::uint32_t, const std::byte*, std::uint64_t) { return 0; }
}  // namespace port

namespace {

constexpr std::size_t kImageBytes = 512 << 10;
constexpr std::uint64_t kArenaBytes = 4 << 20, kSiloBytes = 4 << 20;
constexpr std::uint64_t kCores = 0b11;

alignas(4096) std::byte image_bytes[kImageBytes];
alignas(4096) std::byte arena[kArenaBytes];

/// Also over the gaps that AddressSanitizer keeps between variables, so it is not to see it.
void copy_bytes(std::byte* to, const std::byte* from, std::size_t bytes) {
  asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

/// One of the two sections, and what it is at first.
class State {
 public:
  State(std::byte* begin, std::byte* end) : begin_(begin), first_((static_cast<std::size_t>(end - begin) + 7) / 8 * 8) {
    copy_bytes(first_.data(), begin_, first_.size());
  }
  void put_back() { copy_bytes(begin_, first_.data(), first_.size()); }

 private:
  std::byte* begin_;
  std::vector<std::byte> first_;
};

/// A machine like QEMU's virt, in which devices and interrupts are found.
struct Machine {
  std::vector<std::uint64_t> bytes;
  boot::DeviceTree tree;
  boot::HandOff handoff;

  Machine() {
    std::ifstream file("test/fuzz/seeds/device_tree/virt_gic3", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    bytes.resize(text.size() / 8 + 1);
    std::memcpy(bytes.data(), text.data(), text.size());
    const bool is_sound = !text.empty() &&
                          boot::DeviceTree::check(bytes.data(), tree) == boot::DeviceTreeDefect::None &&
                          !boot::parse_device_tree(tree, 0x4800'0000, handoff);
    if (!is_sound) __builtin_trap();  // to be run in the folder of the source tree
  }
};

void start_anew() {
  static State bss(__start_kernel_bss, __stop_kernel_bss), data(__start_kernel_data, __stop_kernel_data);
  bss.put_back();
  data.put_back();
  fakes::reset();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kHeader = abi::kSystemImageHeaderBytes;
  static std::size_t used = 0;
  if (size > kImageBytes - kHeader) return 0;
  std::memset(image_bytes, 0, used);
  std::memcpy(image_bytes, abi::kSystemImageMagic, kHeader);
  std::memcpy(image_bytes + kHeader, data, size);
  used = kHeader + size;

  boot::SystemImage image;
  if (boot::SystemImage::open({image_bytes, kImageBytes}, image)) return 0;
  boot::SystemSummary summary;
  if (image.survey(summary)) return 0;
  const std::uint64_t wanted = boot::arena_bytes_for(summary, 2);
  if (wanted > kArenaBytes || summary.silo_bytes > kSiloBytes) return 0;  // as boot: too little memory
  start_anew();                                                           // reading has changed nothing
  const kernel::MemoryRange ram[] = {{fakes::kMemoryStart, 2 * kSiloBytes}};
  const kernel::MemoryDescription memory{.arena_physical = base::PhysicalAddress(0x9000'0000),
                                         .arena = arena,
                                         .arena_bytes = wanted,
                                         .silo_memory = ram,
                                         .cores = kCores};
  if (!kernel::initialize(memory).ok()) __builtin_trap();
  static const Machine machine;
  const boot::DeviceResources resources(machine.tree, machine.handoff);
  if (image.load({kCores, 0}, &resources)) return 0;
  fakes::set_sleeps_at_most(1000);  // windows may open in turn, and none be anybody's
  try {
    kernel::start();
  } catch (const fakes::Entered&) {  // its first thread would run
  } catch (const fakes::IdleForever&) {
  }
  return 0;
}
