// SPDX-License-Identifier: Apache-2.0
//
// The steps themselves. Each knows both sides, the hand-off and the hardware functions; nothing here is kept.
#include "boot/bring_up.hpp"

#include <span>

#include "boot/early_console.hpp"
#include "boot/start_registers.h"
#include "boot/stop.hpp"
#include "hal/aarch64/control_registers.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/secondary.hpp"
#include "hal/aarch64/smc.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/console.hpp"
#include "hal/mmio.hpp"
#include "ipc/abi/abi.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/die.hpp"

namespace boot {

using base::Hex;
using base::PhysicalAddress;
using hal::PhysicalRegion;

namespace {

constexpr std::uint64_t kKibibyte = 1024;
constexpr std::uint64_t kMebibyte = 1024 * kKibibyte;

std::uint64_t image_bytes() { return static_cast<std::uint64_t>(hal::kernel_image_end - hal::kernel_image_start); }

bool attach(ConsoleDevice device) {
  const auto registers =
      hal::stage1::map_device(PhysicalAddress(device.registers), hal::uart_register_bytes(device.kind));
  if (!registers.ok()) return false;
  hal::attach_console(device.kind, registers.value());
  return true;
}

/// Reads a device register that is mapped for this purpose only. 0 if it cannot be mapped.
std::uint32_t read_device(std::uint64_t physical) {
  const auto mapped = hal::stage1::map_device(PhysicalAddress(physical), sizeof(std::uint32_t));
  return mapped.ok() ? hal::HardwareIo::read<std::uint32_t>(mapped.value().value()) : 0;
}

void attach_last_resort() {
  for (std::uint32_t index = 0; index < kLastResortCount; ++index) {
    const LastResortConsole guess = last_resort_console(index);
    const auto page = hal::stage1::map_device(PhysicalAddress(guess.identified_by), base::kPageSize);
    if (!page.ok()) return;
    const std::uint64_t registers = page.value().value();
    const auto read32 = [registers](std::uint64_t at) { return hal::HardwareIo::read<std::uint32_t>(registers + at); };
    if (!is_prime_cell_uart(read32)) continue;
    if (guess.enabled_at != 0 && (read_device(guess.enabled_at) & guess.enabled_bits) != guess.enabled_bits) continue;
    if (attach({guess.kind, guess.registers})) return;
  }
}

/// The bytes at the beginning of the device-tree part of the address space.
const void* mapped_tree(const Entry& entry, std::uint64_t bytes) {
  const auto mapped = hal::stage1::map_device_tree(PhysicalAddress(entry.device_tree), bytes);
  if (!mapped.ok()) {
    stop("the device tree at {} cannot be mapped, {} bytes; it lies in absurd memory or is too large",
         Hex{entry.device_tree}, bytes);
  }
  // SAFETY: mapped just above, read-only, for as long as the kernel runs.
  return reinterpret_cast<const void*>(mapped.value().value());
}

const char* name_of(hal::UartKind kind) {
  switch (kind) {
    case hal::UartKind::None: return "none";
    case hal::UartKind::Pl011: return "PL011";
    case hal::UartKind::Bcm2835MiniUart: return "BCM2835 mini UART";
  }
  return "";
}

/// EL3 started this kernel: what only the secure world can set is set by the service that start.S left there.
void call_el3_service(const HandOff& handoff) {
  const hal::GicDescription& gic = handoff.interrupt_controller;
  const bool is_v3 = gic.version == hal::GicVersion::V3;
  const PhysicalRegion cpu_side = is_v3 ? gic.redistributors[0] : gic.cpu_interface;
  const std::uint64_t frequency = port::clock_frequency() == 0 ? handoff.timer_frequency : 0;
  if (hal::secure_monitor_call(EL3_SERVICE_FUNCTION, gic.distributor.start.value(), cpu_side.start.value(),
                               is_v3 ? 3 : 2, frequency) != 0) {
    stop("the EL3 service of this kernel does not answer");
  }
}

const char* reason_of(base::Error error) {
  if (error == base::Error::ENOTSUP) return "it lacks what this kernel needs";
  if (error == base::Error::ENOMEM) return "its registers cannot be mapped";
  if (error == base::Error::EIO) return "it does not answer";
  return "its description in the device tree makes no sense";
}

}  // namespace

void bring_up_map(const Entry& entry) {
  if (!hal::stage1::build_image_map(PhysicalAddress(entry.image)).ok())
    port::die("the kernel's own map cannot be built");
  hal::stage1::activate();
  hal::set_console_of_last_resort(attach_last_resort);
}

void bring_up_console(const Entry& entry, DeviceTree& tree) {
  DeviceTreeDefect defect = DeviceTreeDefect::Misaligned;
  if (entry.device_tree % 8 == 0) {
    const void* blob = mapped_tree(entry, kDeviceTreeHeaderBytes);
    defect = DeviceTree::check(blob, tree);
    if (defect == DeviceTreeDefect::BadMagic) {
      stop("no device tree: X0 is {}, where the magic number should be {} but is {}", Hex{entry.device_tree},
           Hex{kDeviceTreeMagic}, Hex{DeviceTree::magic_at(blob)});
    }
  }
  if (defect != DeviceTreeDefect::None) {
    stop("the device tree at {} cannot be used: {}", Hex{entry.device_tree}, device_tree_defect_text(defect));
  }
  static_cast<void>(mapped_tree(entry, tree.total_bytes()));  // now the rest of it, at the same addresses

  const ConsoleDevice console = find_console(tree);
  const bool attached = console.kind != hal::UartKind::None && attach(console);
  kernel::log("Granary {}.{}, AArch64 EL2 partitioning kernel", abi::kVersionMajor, abi::kVersionMinor);
  kernel::log("entered at EL{}, image at {} ({} KiB), device tree at {} ({} KiB)", entry.level, Hex{entry.image},
              image_bytes() / kKibibyte, Hex{entry.device_tree}, (tree.total_bytes() + kKibibyte - 1) / kKibibyte);
  if (attached) {
    kernel::log("console: {} at {}", name_of(console.kind), Hex{console.registers});
  } else {
    kernel::log("console: /chosen/stdout-path leads to no UART that this kernel can drive; using one of last resort");
  }
}

void read_device_tree(const Entry& entry, const DeviceTree& tree, HandOff& handoff) {
  if (const HandOffDefect defect = parse_device_tree(tree, entry.device_tree, handoff)) {
    if (!defect.node.empty()) {
      stop("the device tree at {} cannot be used: node {}: {}", Hex{entry.device_tree}, defect.node, defect.text);
    }
    stop("the device tree at {} cannot be used: {}", Hex{entry.device_tree}, defect.text);
  }
  if (!put_boot_core_first(handoff, hal::this_core_affinity())) {
    stop("the device tree does not know the core that runs this, {}", Hex{hal::this_core_affinity()});
  }
  kernel::log("machine: {}",
              handoff.model.empty() ? std::string_view("(the device tree does not say)") : handoff.model);
}

void bring_up_processor(const Entry& entry, const HandOff& handoff) {
  if (entry.level == 3) call_el3_service(handoff);
  if (port::clock_frequency() == 0) stop("CNTFRQ_EL0 is 0: the firmware has not set the counter's frequency");
  if (!hal::program_control_registers().ok()) {
    stop(
        "this core cannot host silos: it lacks a 4 KiB granule or 40 bits of physical addresses, or EL2 host mode is "
        "stuck");
  }
  const hal::GicDescription& gic = handoff.interrupt_controller;
  const char* name = gic.version == hal::GicVersion::V2 ? "GICv2" : "GICv3";
  if (const auto done = hal::initialize_interrupts(gic); !done.ok()) {
    stop("interrupt controller {} at {}: {}", name, gic.distributor.start, reason_of(done.error()));
  }
  kernel::log("interrupt controller: {} at {}", name, gic.distributor.start);
  kernel::log("timer: {} kHz, interrupt {}", port::clock_frequency() / 1000, gic.timer.value());
}

void bring_up_power(const HandOff& handoff) {
  if (!hal::initialize_power(handoff.power).ok()) stop("power management: its registers cannot be mapped");
}

unsigned count_of(std::uint64_t cores) {
  unsigned count = 0;
  for (; cores != 0; cores &= cores - 1) ++count;
  return count;
}

std::uint64_t bring_up_cores(const HandOff& handoff) {
  if (handoff.psci == PsciConduit::Hvc) {
    kernel::log("cores: PSCI by HVC cannot serve a kernel at EL2 (the call would come here); staying with one core");
  }
  if (handoff.cores.count > 1 && !hal::prepare_secondaries(std::span(handoff.cores.item, handoff.cores.count)).ok()) {
    stop("the device tree's list of cores makes no sense");
  }
  for (std::uint32_t core = 1; core < handoff.cores.count; ++core) {
    const hal::SecondaryOutcome outcome = hal::start_secondary(base::CoreId(core));
    if (outcome != hal::SecondaryOutcome::Parked) kernel::log("core {}: {}", core, hal::describe(outcome));
  }
  const std::uint64_t fit = handoff.cores.count > 1 ? hal::fit_cores() : 1;
  kernel::log("cores: {} found, {} run silos", handoff.cores_found, count_of(fit));
  return fit;
}

MemoryPlan bring_up_memory(const Entry& entry, const HandOff& handoff) {
  MemoryPlan plan = plan_memory(handoff, Range{entry.image, image_bytes()});
  std::uint64_t total = 0;
  for (const Range& range : handoff.memory) total += range.bytes;
  kernel::log("memory: {} MiB, {} KiB of it in use or reserved", total / kMebibyte,
              (total - plan.free_bytes()) / kKibibyte);
  return plan;
}

}  // namespace boot
