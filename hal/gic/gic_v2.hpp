// SPDX-License-Identifier: Apache-2.0
//
// GICv2 (GIC-400 and kin): distributor and CPU interface, both memory-mapped. IHI 0048B chapter 4. Interrupts stay in
// Group 0 as this kernel sees them: on a board with one security state GICD_CTLR bit 0 forwards Group 0; a Non-secure
// kernel behind firmware that put them in Group 1 sees the same bit as its own (raspi4b, IGROUPR reads 0). Either way
// they arrive as IRQ. EOImode 1: GICC_EOIR drops the priority, GICC_DIR deactivates.
//
// INVARIANT: after initialize_distributor every shared interrupt is disabled, inactive and not pending; after
// initialize_core the private ones are, too, except the timer's, which is enabled.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hal/mmio.hpp"
#include "hal/regs/gic_cpu_interface.hpp"
#include "hal/regs/gic_distributor.hpp"
#include "kernel/base/ids.hpp"

namespace hal {

inline constexpr std::uint32_t kGicAllOfWord = ~std::uint32_t{0};
inline constexpr std::uint32_t kGicPrivateInterrupts = 32;      ///< SGIs and PPIs: one word, banked per core
inline constexpr std::uint8_t kGicPriority = 0x80;              ///< all alike; above the mask of 0xff in every view
inline constexpr std::uint32_t kGicPriorityWord = 0x8080'8080;  ///< the same for the four interrupts of a word

inline constexpr base::InterruptId kCoreSignal{0};  ///< the SGI by which cores signal each other

/// Bit of `interrupt` in its word of an enable, pending or active array.
constexpr std::uint32_t gic_bit(base::InterruptId interrupt) { return std::uint32_t{1} << (interrupt.value() % 32); }

/// GICD_* of both versions; GICv3 with affinity routing ignores the first word of each array (it is in the
/// redistributor).
struct GicDistributorBlock {
  ReadWrite<std::uint32_t> control;     ///< GICD_CTLR
  ReadOnly<std::uint32_t> type;         ///< GICD_TYPER
  ReadOnly<std::uint32_t> implementer;  ///< GICD_IIDR
  Reserved<0x74> gap0;
  ReadWrite<std::uint32_t> group[32];           ///< GICD_IGROUPR
  ReadWrite<std::uint32_t> set_enable[32];      ///< GICD_ISENABLER
  ReadWrite<std::uint32_t> clear_enable[32];    ///< GICD_ICENABLER
  ReadWrite<std::uint32_t> set_pending[32];     ///< GICD_ISPENDR
  ReadWrite<std::uint32_t> clear_pending[32];   ///< GICD_ICPENDR
  ReadWrite<std::uint32_t> set_active[32];      ///< GICD_ISACTIVER
  ReadWrite<std::uint32_t> clear_active[32];    ///< GICD_ICACTIVER
  ReadWrite<std::uint32_t> priority[256];       ///< GICD_IPRIORITYR, four interrupts to a word
  ReadWrite<std::uint32_t> target[256];         ///< GICD_ITARGETSR, the same
  ReadWrite<std::uint32_t> configuration[64];   ///< GICD_ICFGR
  ReadWrite<std::uint32_t> group_modifier[32];  ///< GICD_IGRPMODR, GICv3
  Reserved<0x180> gap1;
  WriteOnly<std::uint32_t> software_generate;  ///< GICD_SGIR
  Reserved<0xc> gap2;
  ReadWrite<std::uint32_t> clear_sgi_pending[4];  ///< GICD_CPENDSGIR
  ReadWrite<std::uint32_t> set_sgi_pending[4];    ///< GICD_SPENDSGIR
  Reserved<0xd0> gap3;
};
static_assert(offsetof(GicDistributorBlock, group) == 0x80 && offsetof(GicDistributorBlock, clear_enable) == 0x180);
static_assert(offsetof(GicDistributorBlock, clear_active) == 0x380 && offsetof(GicDistributorBlock, priority) == 0x400);
static_assert(offsetof(GicDistributorBlock, target) == 0x800 && offsetof(GicDistributorBlock, configuration) == 0xc00);
static_assert(offsetof(GicDistributorBlock, group_modifier) == 0xd00);
static_assert(offsetof(GicDistributorBlock, software_generate) == 0xf00);
static_assert(offsetof(GicDistributorBlock, clear_sgi_pending) == 0xf10 && sizeof(GicDistributorBlock) == 0x1000);

/// GICC_*.
struct GicCpuInterfaceBlock {
  ReadWrite<std::uint32_t> control;           ///< GICC_CTLR
  ReadWrite<std::uint32_t> priority_mask;     ///< GICC_PMR
  ReadWrite<std::uint32_t> binary_point;      ///< GICC_BPR
  ReadOnly<std::uint32_t> acknowledge;        ///< GICC_IAR
  WriteOnly<std::uint32_t> end_of_interrupt;  ///< GICC_EOIR
  Reserved<0xbc> gap0;
  ReadWrite<std::uint32_t> active_priorities[4];  ///< GICC_APR
  Reserved<0xf20> gap1;
  WriteOnly<std::uint32_t> deactivate;  ///< GICC_DIR
};
static_assert(offsetof(GicCpuInterfaceBlock, active_priorities) == 0xd0);
static_assert(offsetof(GicCpuInterfaceBlock, deactivate) == 0x1000, "in the second page: EOImode 1 needs both");

/// Of GICD_ICFGR: two bits for each interrupt, the upper one says edge. The line is disabled meanwhile.
template <typename Distributor>
void gic_configure_line(const Distributor& distributor, base::InterruptId line, bool is_edge) {
  const std::uint32_t bit = std::uint32_t{2} << line.value() % 16 * 2;
  const unsigned word = line.value() / 16;
  const std::uint32_t before = distributor.read(&GicDistributorBlock::configuration, word);
  distributor.write(&GicDistributorBlock::configuration, word, is_edge ? before | bit : before & ~bit);
}

template <typename Io = HardwareIo>
class GicV2 {
 public:
  constexpr GicV2() = default;
  constexpr GicV2(std::uint64_t distributor, std::uint64_t cpu_interface, Io io = Io())
      : distributor_(distributor, io), cpu_interface_(cpu_interface, io) {}

  void initialize_distributor() const {
    distributor_.write(&GicDistributorBlock::control, 0);
    const unsigned words = regs::GicdTyper::from(distributor_.read(&GicDistributorBlock::type)).interrupt_words();
    for (unsigned word = 1; word < words; ++word) {
      silence_word(word);
      for (unsigned i = 0; i < 8; ++i) {
        distributor_.write(&GicDistributorBlock::priority, word * 8 + i, kGicPriorityWord);
        distributor_.write(&GicDistributorBlock::target, word * 8 + i, 0);  // to no core, until somebody owns it
      }
    }
    distributor_.write(&GicDistributorBlock::control,
                       as_word(regs::GicdCtlr::make().with(regs::GicdCtlr::enable, true)));
  }

  /// The calling core's private interrupts and its CPU interface.
  void initialize_core(base::InterruptId timer) const {
    cpu_interface_.write(&GicCpuInterfaceBlock::control, 0);
    silence_word(0);
    for (unsigned i = 0; i < 4; ++i) distributor_.write(&GicDistributorBlock::clear_sgi_pending, i, kGicAllOfWord);
    for (unsigned i = 0; i < 8; ++i) distributor_.write(&GicDistributorBlock::priority, i, kGicPriorityWord);
    for (unsigned i = 0; i < 4; ++i) cpu_interface_.write(&GicCpuInterfaceBlock::active_priorities, i, 0);
    cpu_interface_.write(&GicCpuInterfaceBlock::priority_mask, 0xff);
    cpu_interface_.write(&GicCpuInterfaceBlock::binary_point, 0);
    distributor_.write(&GicDistributorBlock::set_enable, 0, gic_bit(timer) | gic_bit(kCoreSignal));
    cpu_interface_.write(
        &GicCpuInterfaceBlock::control,
        as_word(regs::GiccCtlr::make().with(regs::GiccCtlr::eoi_mode, true).with(regs::GiccCtlr::enable, true)));
  }

  /// The most urgent pending interrupt, now active; a number from regs::kFirstSpecialInterrupt on is none.
  regs::GiccIar acknowledge() const {
    return regs::GiccIar::from(cpu_interface_.read(&GicCpuInterfaceBlock::acknowledge));
  }
  /// kCoreSignal to the CPU interface that has this bit.
  void signal(std::uint32_t target) const {
    distributor_.write(&GicDistributorBlock::software_generate,
                       as_word(regs::GicdSgir::make()
                                   .with(regs::GicdSgir::targets, target)
                                   .with(regs::GicdSgir::interrupt, kCoreSignal.value())));
  }
  /// Both want the whole word that acknowledge() gave: an SGI's source core is part of its name.
  void drop_priority(regs::GiccIar acknowledged) const {
    cpu_interface_.write(&GicCpuInterfaceBlock::end_of_interrupt, as_word(acknowledged));
  }
  void deactivate(regs::GiccIar acknowledged) const {
    cpu_interface_.write(&GicCpuInterfaceBlock::deactivate, as_word(acknowledged));
  }

  // Lines: shared interrupts, 32 and up.

  /// Interrupts have numbers below this.
  std::uint32_t interrupt_limit() const {
    return regs::GicdTyper::from(distributor_.read(&GicDistributorBlock::type)).interrupt_words() * 32;
  }
  /// The calling core's bit in the targets of a line.
  std::uint8_t core_target() const {
    return static_cast<std::uint8_t>(distributor_.read(&GicDistributorBlock::target, 0));  // banked, read-only
  }
  /// `targets`: bits of core_target(). Its priority stays that of all. An edge that came before is forgotten.
  void enable_line(base::InterruptId line, bool is_edge, std::uint8_t targets) const {
    const std::uint32_t number = line.value();
    gic_configure_line(distributor_, line, is_edge);
    const unsigned shift = number % 4 * 8;
    const std::uint32_t others = distributor_.read(&GicDistributorBlock::target, number / 4) & ~(0xffu << shift);
    distributor_.write(&GicDistributorBlock::target, number / 4, others | std::uint32_t{targets} << shift);
    distributor_.write(&GicDistributorBlock::clear_pending, number / 32, gic_bit(line));
    distributor_.write(&GicDistributorBlock::set_enable, number / 32, gic_bit(line));
  }
  void disable_line(base::InterruptId line) const {
    distributor_.write(&GicDistributorBlock::clear_enable, line.value() / 32, gic_bit(line));
  }
  void deactivate_line(base::InterruptId line) const {
    cpu_interface_.write(&GicCpuInterfaceBlock::deactivate, line.value());
  }

 private:
  template <typename Layout>
  static constexpr std::uint32_t as_word(Layout value) {
    return static_cast<std::uint32_t>(value.bits);
  }
  void silence_word(unsigned word) const {
    distributor_.write(&GicDistributorBlock::clear_enable, word, kGicAllOfWord);
    distributor_.write(&GicDistributorBlock::clear_pending, word, kGicAllOfWord);
    distributor_.write(&GicDistributorBlock::clear_active, word, kGicAllOfWord);
    distributor_.write(&GicDistributorBlock::group, word, 0);  // ignored where the firmware owns the groups
  }

  Registers<GicDistributorBlock, Io> distributor_;
  Registers<GicCpuInterfaceBlock, Io> cpu_interface_;
};

}  // namespace hal
