// SPDX-License-Identifier: Apache-2.0
//
// GICv3 (and later, used as one): distributor and redistributors memory-mapped, CPU interface by system registers. IHI
// 0069H chapter 12. Every interrupt is put in Group 1, Non-secure where there are two security states; with one,
// GICD_CTLR bits 1 and 4 mean the same. EOImode 1: ICC_EOIR1_EL1 drops the priority, ICC_DIR_EL1 deactivates.
// INVARIANT: as in gic_v2.hpp; the private interrupts of a core are those of the redistributor with its affinity.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/gic/gic_v2.hpp"
#include "hal/mmio.hpp"
#include "hal/regs/gic_cpu_interface.hpp"
#include "hal/regs/gic_distributor.hpp"
#include "hal/regs/gic_redistributor.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace hal {

/// GICR_*: the RD frame (64 KiB) and the SGI frame behind it.
struct GicRedistributorBlock {
  ReadWrite<std::uint32_t> control;     ///< GICR_CTLR
  ReadOnly<std::uint32_t> implementer;  ///< GICR_IIDR
  ReadOnly<std::uint64_t> type;         ///< GICR_TYPER
  ReadWrite<std::uint32_t> status;      ///< GICR_STATUSR
  ReadWrite<std::uint32_t> waker;       ///< GICR_WAKER
  Reserved<0x10068> gap0;
  ReadWrite<std::uint32_t> group;  ///< GICR_IGROUPR0, in the SGI frame from here on
  Reserved<0x7c> gap1;
  ReadWrite<std::uint32_t> set_enable;  ///< GICR_ISENABLER0
  Reserved<0x7c> gap2;
  ReadWrite<std::uint32_t> clear_enable;  ///< GICR_ICENABLER0
  Reserved<0x7c> gap3;
  ReadWrite<std::uint32_t> set_pending;  ///< GICR_ISPENDR0
  Reserved<0x7c> gap4;
  ReadWrite<std::uint32_t> clear_pending;  ///< GICR_ICPENDR0
  Reserved<0x7c> gap5;
  ReadWrite<std::uint32_t> set_active;  ///< GICR_ISACTIVER0
  Reserved<0x7c> gap6;
  ReadWrite<std::uint32_t> clear_active;  ///< GICR_ICACTIVER0
  Reserved<0x7c> gap7;
  ReadWrite<std::uint32_t> priority[8];  ///< GICR_IPRIORITYR
  Reserved<0x8e0> gap8;
  ReadWrite<std::uint32_t> group_modifier;  ///< GICR_IGRPMODR0
  Reserved<0xf2fc> gap9;
};
static_assert(offsetof(GicRedistributorBlock, type) == 0x8 && offsetof(GicRedistributorBlock, waker) == 0x14);
static_assert(offsetof(GicRedistributorBlock, group) == 0x10080 &&
              offsetof(GicRedistributorBlock, set_enable) == 0x10100);
static_assert(offsetof(GicRedistributorBlock, clear_pending) == 0x10280);
static_assert(offsetof(GicRedistributorBlock, clear_active) == 0x10380 &&
              offsetof(GicRedistributorBlock, priority) == 0x10400);
static_assert(offsetof(GicRedistributorBlock, group_modifier) == 0x10d00 && sizeof(GicRedistributorBlock) == 0x20000);

/// GICD_IROUTER from line 32 on, in the distributor's 64 KiB.
inline constexpr std::uint64_t kGicRoutingOffset = 0x6100;
inline constexpr std::uint64_t kGicDistributorBytes = 0x10000;
struct GicRoutingBlock {
  ReadWrite<std::uint64_t> route[988];  ///< Aff3 in 39:32, Aff2 to Aff0 in 23:0; to that one core
};
/// From an affinity as GICR_TYPER has it: Aff3 to Aff0 in 32 bits.
constexpr std::uint64_t gic_route_to(std::uint64_t affinity) {
  return (affinity >> 24 & 0xff) << 32 | (affinity & 0xff'ffff);
}
static_assert(gic_route_to(0x0102'0304) == 0x01'0002'0304);

/// Looks at a status bit before the controller is given up: it answers within microseconds or never.
inline constexpr unsigned kGicPolls = 1'000'000;

/// `SystemRegisters` is hal::GicV3SystemRegisters (hal/gic/gic_v3_registers.hpp) or a test's.
template <typename SystemRegisters, typename Io = HardwareIo>
class GicV3 {
 public:
  constexpr GicV3() = default;
  constexpr explicit GicV3(std::uint64_t distributor, Io io = Io())
      : distributor_(distributor, io), routing_(distributor + kGicRoutingOffset, io), io_(io) {}

  /// EIO: the distributor does not finish a write.
  base::Result<void> initialize_distributor() const {
    distributor_.write(&GicDistributorBlock::control, 0);
    TRY(wait_for_distributor());
    const auto routed = regs::GicdCtlr::make().with(regs::GicdCtlr::are, true);
    distributor_.write(&GicDistributorBlock::control, static_cast<std::uint32_t>(routed.bits));
    TRY(wait_for_distributor());
    const unsigned words = regs::GicdTyper::from(distributor_.read(&GicDistributorBlock::type)).interrupt_words();
    for (unsigned word = 1; word < words; ++word) {
      distributor_.write(&GicDistributorBlock::clear_enable, word, kGicAllOfWord);
      distributor_.write(&GicDistributorBlock::clear_pending, word, kGicAllOfWord);
      distributor_.write(&GicDistributorBlock::clear_active, word, kGicAllOfWord);
      distributor_.write(&GicDistributorBlock::group, word, kGicAllOfWord);
      distributor_.write(&GicDistributorBlock::group_modifier, word, 0);
      for (unsigned i = 0; i < 8; ++i)
        distributor_.write(&GicDistributorBlock::priority, word * 8 + i, kGicPriorityWord);
    }
    TRY(wait_for_distributor());
    distributor_.write(&GicDistributorBlock::control,
                       static_cast<std::uint32_t>(routed.with(regs::GicdCtlr::enable_group1, true).bits));
    return wait_for_distributor();
  }

  /// The redistributor of the core with `affinity` (MPIDR_EL1's fields as GICR_TYPER has them) in a region of `bytes`;
  /// `stride` 0: as GICR_TYPER says. 0 if it is not in this region.
  std::uint64_t find_redistributor(std::uint64_t region, std::uint64_t bytes, std::uint64_t stride,
                                   std::uint64_t affinity) const {
    for (std::uint64_t at = 0; at + sizeof(GicRedistributorBlock) <= bytes;) {
      const Registers<GicRedistributorBlock, Io> redistributor(region + at, io_);
      const auto type = regs::GicrTyper::from(redistributor.read(&GicRedistributorBlock::type));
      if (type.get(regs::GicrTyper::affinity) == affinity) return region + at;
      if (type.get(regs::GicrTyper::last)) return 0;
      const std::uint64_t frames = sizeof(GicRedistributorBlock) * (type.get(regs::GicrTyper::virtual_lpis) ? 2 : 1);
      at += stride != 0 ? stride : frames;
    }
    return 0;
  }

  /// The calling core's private interrupts (its redistributor) and its CPU interface. ENOTSUP: no system registers;
  /// EIO: no answer.
  base::Result<void> initialize_core(std::uint64_t redistributor_base, base::InterruptId timer) const {
    const Registers<GicRedistributorBlock, Io> redistributor(redistributor_base, io_);
    redistributor.write(&GicRedistributorBlock::waker, 0);  // ignored where the firmware owns it; then it is awake
    TRY(poll(redistributor, &GicRedistributorBlock::waker, decltype(regs::GicrWaker::children_asleep)::kMask));
    redistributor.write(&GicRedistributorBlock::clear_enable, kGicAllOfWord);
    TRY(poll(redistributor, &GicRedistributorBlock::control, decltype(regs::GicrCtlr::rwp)::kMask));
    redistributor.write(&GicRedistributorBlock::clear_pending, kGicAllOfWord);
    redistributor.write(&GicRedistributorBlock::clear_active, kGicAllOfWord);
    redistributor.write(&GicRedistributorBlock::group, kGicAllOfWord);
    redistributor.write(&GicRedistributorBlock::group_modifier, 0);
    for (unsigned i = 0; i < 8; ++i) redistributor.write(&GicRedistributorBlock::priority, i, kGicPriorityWord);
    if (!SystemRegisters::enable()) return base::Error::ENOTSUP;
    redistributor.write(&GicRedistributorBlock::set_enable, gic_bit(timer) | gic_bit(kCoreSignal));
    return poll(redistributor, &GicRedistributorBlock::control, decltype(regs::GicrCtlr::rwp)::kMask);
  }

  regs::IccIarEl1 acknowledge() const { return SystemRegisters::acknowledge(); }
  void drop_priority(regs::IccIarEl1 acknowledged) const { SystemRegisters::drop_priority(acknowledged); }
  /// kCoreSignal to the core with this affinity, as GICR_TYPER has it.
  void signal(std::uint64_t affinity) const {
    SystemRegisters::signal(regs::IccSgi1rEl1::to(affinity, kCoreSignal.value()));
  }
  void deactivate(regs::IccIarEl1 acknowledged) const { SystemRegisters::deactivate(acknowledged); }

  // Lines: shared interrupts, 32 and up.

  std::uint32_t interrupt_limit() const {
    return regs::GicdTyper::from(distributor_.read(&GicDistributorBlock::type)).interrupt_words() * 32;
  }
  /// `affinity` of the core that it fires on, as find_redistributor() has it. Its priority stays that of all. An edge
  /// that came before is forgotten.
  void enable_line(base::InterruptId line, bool is_edge, std::uint64_t affinity) const {
    const std::uint32_t number = line.value();
    gic_configure_line(distributor_, line, is_edge);
    routing_.write(&GicRoutingBlock::route, number - kGicPrivateInterrupts, gic_route_to(affinity));
    distributor_.write(&GicDistributorBlock::clear_pending, number / 32, gic_bit(line));
    distributor_.write(&GicDistributorBlock::set_enable, number / 32, gic_bit(line));
  }
  /// When it returns the line does not fire any more, unless the distributor does not answer.
  void disable_line(base::InterruptId line) const {
    distributor_.write(&GicDistributorBlock::clear_enable, line.value() / 32, gic_bit(line));
    static_cast<void>(wait_for_distributor());
  }
  void deactivate_line(base::InterruptId line) const {
    SystemRegisters::deactivate(regs::IccIarEl1::from(line.value()));
  }

 private:
  base::Result<void> wait_for_distributor() const {
    return poll(distributor_, &GicDistributorBlock::control, decltype(regs::GicdCtlr::rwp)::kMask);
  }
  template <typename Block, typename Register>
  static base::Result<void> poll(const Registers<Block, Io>& registers, Register Block::*member,
                                 std::uint64_t until_clear) {
    for (unsigned look = 0; look < kGicPolls; ++look) {
      if ((registers.read(member) & until_clear) == 0) return {};
    }
    return base::Error::EIO;
  }

  Registers<GicDistributorBlock, Io> distributor_;
  Registers<GicRoutingBlock, Io> routing_;
  [[no_unique_address]] Io io_{};
};

}  // namespace hal
