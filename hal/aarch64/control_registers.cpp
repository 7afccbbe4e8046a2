// SPDX-License-Identifier: Apache-2.0
//
// el0-controls.md section 2 as code: each register once, whole values, never read-modify-write, so that nothing a
// loader or a reset left behind survives. Registers of later extensions are written where the ID registers say that
// they exist.
#include "hal/aarch64/control_registers.hpp"

#include "hal/aarch64/barrier.hpp"
#include "hal/aarch64/sysreg.hpp"
#include "hal/aarch64/tlb.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/stage2.hpp"

namespace hal {

using base::Error;
using regs::IdAa64Dfr0El1;
using regs::IdAa64Mmfr0El1;
using regs::IdAa64Mmfr1El1;
using regs::IdAa64Mmfr3El1;
using regs::IdAa64Pfr0El1;
using regs::IdAa64Pfr1El1;
using regs::PlainRegister;

namespace {

constexpr PlainRegister kZero = PlainRegister::make();

bool has_stage2_of_4_kib_pages(IdAa64Mmfr0El1 features) {
  constexpr std::uint64_t kNotAtStage2 = 1, kNotAtStage1 = 15, kAsStage1 = 0;
  const std::uint64_t at_stage2 = features.get(IdAa64Mmfr0El1::tgran4_2);
  if (at_stage2 == kAsStage1) return features.get(IdAa64Mmfr0El1::tgran4) != kNotAtStage1;
  return at_stage2 != kNotAtStage2;
}

/// Stage 1 of EL1&0 is off, but these stay live for EL0, or are UNKNOWN after reset.
void write_registers_of_el1() {
  sysreg::SctlrEl1::write(regs::SctlrEl1::for_silos());
  sysreg::CpacrEl1::write(regs::CpacrEl1::for_silos());
  sysreg::TcrEl1::write(kZero);  // TBI0 = 0: a tagged pointer faults
  sysreg::Ttbr0El1::write(kZero);
  sysreg::Ttbr1El1::write(kZero);
  sysreg::MairEl1::write(kZero);
  sysreg::ContextidrEl1::write(kZero);
  sysreg::VbarEl1::write(kZero);
  sysreg::TpidrEl1::write(kZero);
  sysreg::TpidrroEl0::write(kZero);
  sysreg::TpidrEl0::write(kZero);
}

void write_timers() {
  sysreg::CntkctlEl1::write(regs::CntkctlEl1::for_silos());
  sysreg::CnthctlEl2::write(regs::CnthctlEl2::for_silos());
  sysreg::CntvoffEl2::write(kZero);  // deadlines are CNTVCT, CNTHP compares CNTPCT: they must be equal on every core
  sysreg::CntvCtlEl0::write(kZero);  // stray timers of the loader
  sysreg::CntpCtlEl0::write(kZero);
  port::disarm_timer();
}

void write_monitors_and_debug(IdAa64Dfr0El1 debug) {
  constexpr std::uint64_t kNoPmu = 0, kImplementationDefinedPmu = 15;
  const std::uint64_t pmu = debug.get(IdAa64Dfr0El1::pmu_version);
  const bool has_pmu = pmu != kNoPmu && pmu != kImplementationDefinedPmu;
  if (has_pmu) sysreg::PmuserenrEl0::write(kZero);
  sysreg::MdcrEl2::write(regs::MdcrEl2::for_silos(has_pmu ? sysreg::PmcrEl0::read() : regs::PmcrEl0::make()));
  sysreg::MdscrEl1::write(regs::MdscrEl1::for_silos());
  if (debug.get(IdAa64Dfr0El1::trace_filter) != 0) {
    sysreg::TrfcrEl1::write(kZero);
    sysreg::TrfcrEl2::write(kZero);
  }
  if (debug.get(IdAa64Dfr0El1::pms_version) != 0) {
    sysreg::PmscrEl1::write(kZero);
    sysreg::PmscrEl2::write(kZero);
  }
}

void write_registers_of_extensions() {
  const IdAa64Pfr0El1 pfr0 = sysreg::IdAa64Pfr0El1::read();
  const IdAa64Pfr1El1 pfr1 = sysreg::IdAa64Pfr1El1::read();
  const IdAa64Mmfr0El1 mmfr0 = sysreg::IdAa64Mmfr0El1::read();
  const IdAa64Mmfr1El1 mmfr1 = sysreg::IdAa64Mmfr1El1::read();
  const IdAa64Mmfr3El1 mmfr3 = sysreg::IdAa64Mmfr3El1::read();
  const bool has_amu = pfr0.get(IdAa64Pfr0El1::amu) != 0;
  if (mmfr1.get(IdAa64Mmfr1El1::hcx) != 0) sysreg::HcrxEl2::write(kZero);
  if (mmfr0.get(IdAa64Mmfr0El1::fgt) != 0) {  // no fine-grained trap of the loader's; the coarse ones above are enough
    sysreg::HfgrtrEl2::write(kZero);
    sysreg::HfgwtrEl2::write(kZero);
    sysreg::HfgitrEl2::write(kZero);
    sysreg::HdfgrtrEl2::write(kZero);
    sysreg::HdfgwtrEl2::write(kZero);
    if (has_amu) sysreg::HafgrtrEl2::write(kZero);
  }
  if (has_amu) sysreg::AmuserenrEl0::write(kZero);
  // SCXTNUM_EL0 is not written: firmware that leaves SCR_EL3.EnSCXT at 0 takes the write as its own trap (seen on
  // QEMU's virt with secure=on: a silent end), and EL0 has no way to the register, SCTLR_EL1.TSCXT (a reserved one
  // earlier) traps it.
  if (pfr1.get(IdAa64Pfr1El1::sme) != 0) sysreg::Tpidr2El0::write(kZero);
  if (pfr1.get(IdAa64Pfr1El1::gcs) != 0) sysreg::Gcscre0El1::write(kZero);
  if (mmfr3.get(IdAa64Mmfr3El1::tcrx) != 0) sysreg::Tcr2El1::write(kZero);
  if (mmfr3.get(IdAa64Mmfr3El1::s1poe) != 0) sysreg::PorEl0::write(kZero);
}

}  // namespace

base::Result<void> program_control_registers() {
  const IdAa64Mmfr0El1 memory = sysreg::IdAa64Mmfr0El1::read();
  const regs::PhysicalSize physical = memory.get(IdAa64Mmfr0El1::pa_range);
  if (physical < regs::PhysicalSize::Bits40 || !has_stage2_of_4_kib_pages(memory)) return Error::ENOTSUP;

  write_registers_of_el1();
  write_timers();
  write_monitors_and_debug(sysreg::IdAa64Dfr0El1::read());
  write_registers_of_extensions();
  sysreg::HstrEl2::write(kZero);
  sysreg::HacrEl2::write(kZero);
  sysreg::CptrEl2::write(regs::CptrEl2::floating_point_trapped());
  sysreg::VtcrEl2::write(regs::VtcrEl2::for_silos(port::kSiloAddressBits, physical, port::stage2_vmid_count() > 256));
  port::stage2_leave_space();
  barrier::isb();  // stage 2 is described in full before HCR_EL2.VM turns it on
  sysreg::HcrEl2::write(regs::HcrEl2::for_silos());
  barrier::isb();  // TLBI below acts on the regime that HCR_EL2 now describes
  if (sysreg::HcrEl2::read() != regs::HcrEl2::for_silos()) return Error::ENOTSUP;
  tlb::invalidate_all_spaces_everywhere();
  barrier::dsb_ish();  // what a loader's guests left in the TLBs is gone before anything runs at EL0
  barrier::isb();
  return {};
}

}  // namespace hal
