// SPDX-License-Identifier: Apache-2.0
//
// kernel/port/interrupts.hpp over the controller that the device tree named. Owns the mapped addresses (written during
// boot) and, per core, the word of the interrupt that was acknowledged last, which ending it needs (a GICv2 SGI's word
// holds its source core).
#include <algorithm>

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/kernel_layout.hpp"
#include "hal/aarch64/stage1.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/gic/gic.hpp"
#include "hal/gic/gic_v2.hpp"
#include "hal/gic/gic_v3.hpp"
#include "hal/gic/gic_v3_registers.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/port/interrupts.hpp"

namespace hal {

using base::Error;

namespace {

using HardwareGicV3 = GicV3<GicV3SystemRegisters>;

struct MappedRegion {
  std::uint64_t start = 0;
  std::uint64_t bytes = 0;
};

struct Controller {
  GicVersion version = GicVersion::V2;
  base::InterruptId timer;
  GicV2<> v2;
  HardwareGicV3 v3;
  std::array<MappedRegion, kMaximumRedistributorRegions> redistributors{};
  std::uint32_t redistributor_regions = 0;
  std::uint64_t redistributor_stride = 0;
};
constinit Controller controller;

/// INVARIANT: acknowledged[core] is touched by that core only.
constinit std::array<std::uint64_t, kMaximumCores> acknowledged{};

/// INVARIANT: routes[core] is how lines and signals are led to that core: its bit in GICD_ITARGETSR (GICv2) or its
/// affinity as GICR_TYPER has it (GICv3); written by that core when its interface comes up.
constinit std::array<std::uint64_t, kMaximumCores> routes{};

/// Eight redistributors of the larger kind; a region may have room for hundreds, which nobody needs mapped.
constexpr std::uint64_t kRedistributorBytesMapped = kMaximumCores * 4 * std::uint64_t{0x10000};

base::Result<void> map_redistributors(const GicDescription& description) {
  if (description.redistributor_regions > kMaximumRedistributorRegions) return Error::EINVAL;
  for (std::uint32_t i = 0; i < description.redistributor_regions; ++i) {
    const PhysicalRegion& region = description.redistributors[i];
    const std::uint64_t bytes = std::min(region.bytes, kRedistributorBytesMapped);
    controller.redistributors[i] = {TRY(stage1::map_device(region.start, bytes)).value(), bytes};
  }
  controller.redistributor_regions = description.redistributor_regions;
  controller.redistributor_stride = description.redistributor_stride;
  return {};
}

std::uint64_t redistributor_of_this_core() {
  const std::uint64_t affinity = regs::GicrTyper::affinity_of(sysreg::MpidrEl1::read());
  for (std::uint32_t i = 0; i < controller.redistributor_regions; ++i) {
    const MappedRegion& region = controller.redistributors[i];
    const std::uint64_t found =
        controller.v3.find_redistributor(region.start, region.bytes, controller.redistributor_stride, affinity);
    if (found != 0) return found;
  }
  return 0;
}

base::Result<void> initialize_v2(const GicDescription& description) {
  if (description.cpu_interface.bytes <= offsetof(GicCpuInterfaceBlock, deactivate)) return Error::EINVAL;
  const base::VirtualAddress distributor =
      TRY(stage1::map_device(description.distributor.start, sizeof(GicDistributorBlock)));
  const base::VirtualAddress interface =
      TRY(stage1::map_device(description.cpu_interface.start, sizeof(GicCpuInterfaceBlock)));
  controller.v2 = GicV2<>(distributor.value(), interface.value());
  controller.v2.initialize_distributor();
  return {};
}

base::Result<void> initialize_v3(const GicDescription& description) {
  if (sysreg::IdAa64Pfr0El1::read().get(regs::IdAa64Pfr0El1::gic) == 0) return Error::ENOTSUP;
  const base::VirtualAddress distributor = TRY(stage1::map_device(description.distributor.start, kGicDistributorBytes));
  controller.v3 = HardwareGicV3(distributor.value());
  TRY(map_redistributors(description));
  return controller.v3.initialize_distributor();
}

bool is_private_peripheral(base::InterruptId interrupt) {
  return interrupt.value() >= 16 && interrupt.value() < kGicPrivateInterrupts;
}

}  // namespace

base::Result<void> initialize_interrupts(const GicDescription& description) {
  if (!is_private_peripheral(description.timer)) return Error::EINVAL;
  controller.timer = description.timer;
  controller.version = description.version;
  switch (description.version) {
    case GicVersion::V2: TRY(initialize_v2(description)); break;
    case GicVersion::V3: TRY(initialize_v3(description)); break;
  }
  return initialize_interrupts_of_this_core();
}

base::Result<void> initialize_interrupts_of_this_core() {
  switch (controller.version) {
    case GicVersion::V2:
      controller.v2.initialize_core(controller.timer);
      routes[port::current_core().value()] = controller.v2.core_target();
      return {};
    case GicVersion::V3: {
      const std::uint64_t redistributor = redistributor_of_this_core();
      if (redistributor == 0) return Error::ENOTSUP;
      routes[port::current_core().value()] = regs::GicrTyper::affinity_of(sysreg::MpidrEl1::read());
      return controller.v3.initialize_core(redistributor, controller.timer);
    }
  }
  return Error::EINVAL;
}

}  // namespace hal

namespace port {

using hal::controller;

Interrupt take_interrupt() {
  std::uint64_t word = 0;
  std::uint32_t number = 0;
  switch (controller.version) {
    case hal::GicVersion::V2: {
      const hal::regs::GiccIar value = controller.v2.acknowledge();
      word = value.bits;
      number = static_cast<std::uint32_t>(value.get(hal::regs::GiccIar::interrupt));
      break;
    }
    case hal::GicVersion::V3: {
      const hal::regs::IccIarEl1 value = controller.v3.acknowledge();
      word = value.bits;
      number = static_cast<std::uint32_t>(value.get(hal::regs::IccIarEl1::interrupt));
      break;
    }
  }
  const base::InterruptId id(number);
  if (number >= hal::regs::kFirstSpecialInterrupt) return {InterruptKind::None, id};
  if (number >= kFirstLine) return {InterruptKind::Line, id};  // its word is its number
  hal::acknowledged[current_core().value()] = word;
  if (id == hal::kCoreSignal) return {InterruptKind::Signal, id};
  return {id == controller.timer ? InterruptKind::Timer : InterruptKind::Stray, id};
}

void finish_interrupt(Interrupt interrupt) {
  if (interrupt.kind == InterruptKind::None) return;
  const bool is_line = interrupt.kind == InterruptKind::Line;
  const std::uint64_t word = is_line ? interrupt.id.value() : hal::acknowledged[current_core().value()];
  switch (controller.version) {
    case hal::GicVersion::V2:
      controller.v2.drop_priority(hal::regs::GiccIar::from(word));
      controller.v2.deactivate(hal::regs::GiccIar::from(word));
      return;
    case hal::GicVersion::V3:
      controller.v3.drop_priority(hal::regs::IccIarEl1::from(word));
      controller.v3.deactivate(hal::regs::IccIarEl1::from(word));
      return;
  }
}

void signal_core(base::CoreId core) {
  hal::barrier::dsb_ishst();  // what it is to look at is there before the interrupt is
  const std::uint64_t route = hal::routes[core.value()];
  switch (controller.version) {
    case hal::GicVersion::V2: controller.v2.signal(static_cast<std::uint32_t>(route)); return;
    case hal::GicVersion::V3: controller.v3.signal(route); return;
  }
}

void drop_line(base::InterruptId line) {
  switch (controller.version) {
    case hal::GicVersion::V2: controller.v2.drop_priority(hal::regs::GiccIar::from(line.value())); return;
    case hal::GicVersion::V3: controller.v3.drop_priority(hal::regs::IccIarEl1::from(line.value())); return;
  }
}

std::uint32_t line_limit() {
  std::uint32_t limit = 0;
  switch (controller.version) {
    case hal::GicVersion::V2: limit = controller.v2.interrupt_limit(); break;
    case hal::GicVersion::V3: limit = controller.v3.interrupt_limit(); break;
  }
  return std::min(limit, kFirstLine + kLinesMaximum);
}

void enable_line(base::InterruptId line, Trigger trigger, base::CoreId core) {
  const std::uint64_t route = hal::routes[core.value()];
  const bool is_edge = trigger == Trigger::Edge;
  switch (controller.version) {
    case hal::GicVersion::V2: controller.v2.enable_line(line, is_edge, static_cast<std::uint8_t>(route)); return;
    case hal::GicVersion::V3: controller.v3.enable_line(line, is_edge, route); return;
  }
}

void disable_line(base::InterruptId line) {
  switch (controller.version) {
    case hal::GicVersion::V2: controller.v2.disable_line(line); return;
    case hal::GicVersion::V3: controller.v3.disable_line(line); return;
  }
}

void deactivate_line(base::InterruptId line) {
  hal::barrier::dsb_sy();  // the driver's stores that quieten the device are done before the line can fire again
  switch (controller.version) {
    case hal::GicVersion::V2: controller.v2.deactivate_line(line); return;
    case hal::GicVersion::V3: controller.v3.deactivate_line(line); return;
  }
}

void wait_for_interrupt() {
  hal::barrier::dsb_sy();  // stores to devices and to memory are out before the core sleeps
  hal::barrier::wait_for_interrupt();
}

}  // namespace port
