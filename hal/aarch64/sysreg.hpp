// SPDX-License-Identifier: Apache-2.0
//
// System registers as types bound to their layout: `sysreg::HcrEl2::write(regs::HcrEl2::for_silos())`. Reading a
// register gives its layout's value, so a field of another register does not compile. Registers that a plain ARMv8.0
// assembler does not know are named by their encoding (Arm ARM D19.1, S<op0>_<op1>_C<n>_C<m>_<op2>); whoever touches
// one has asked the ID registers. Nothing is ordered here: a write takes effect at the next context synchronization
// (barrier::isb or ERET).
#pragma once

#include <cstdint>

#include "hal/regs/cnthctl_el2.hpp"
#include "hal/regs/cpacr_el1.hpp"
#include "hal/regs/cptr_el2.hpp"
#include "hal/regs/esr_el2.hpp"
#include "hal/regs/gic_cpu_interface.hpp"
#include "hal/regs/hcr_el2.hpp"
#include "hal/regs/id_registers.hpp"
#include "hal/regs/mdcr_el2.hpp"
#include "hal/regs/sctlr_el1.hpp"
#include "hal/regs/sctlr_el2.hpp"
#include "hal/regs/vtcr_el2.hpp"
#include "hal/regs/vttbr_el2.hpp"

namespace hal::sysreg {

// A macro because no constexpr string can reach asm() in either compiler (style 3.1).
#define GRANARY_READ_ONLY_REGISTER(Name, encoding, Layout)      \
  struct Name {                                                 \
    static Layout read() {                                      \
      std::uint64_t bits;                                       \
      /* SAFETY: reads one register of this core, no memory. */ \
      asm volatile("mrs %0, " encoding : "=r"(bits));           \
      return Layout::from(bits);                                \
    }                                                           \
  }
#define GRANARY_WRITE_ONLY_REGISTER(Name, encoding, Layout)                                          \
  struct Name {                                                                                      \
    static void write(Layout value) {                                                                \
      /* SAFETY: writes one register of this core; the compiler moves no memory access across it. */ \
      asm volatile("msr " encoding ", %0" : : "r"(value.bits) : "memory");                           \
    }                                                                                                \
  }
#define GRANARY_READ_WRITE_REGISTER(Name, encoding, Layout)                                          \
  struct Name {                                                                                      \
    static Layout read() {                                                                           \
      std::uint64_t bits;                                                                            \
      /* SAFETY: reads one register of this core, no memory. */                                      \
      asm volatile("mrs %0, " encoding : "=r"(bits));                                                \
      return Layout::from(bits);                                                                     \
    }                                                                                                \
    static void write(Layout value) {                                                                \
      /* SAFETY: writes one register of this core; the compiler moves no memory access across it. */ \
      asm volatile("msr " encoding ", %0" : : "r"(value.bits) : "memory");                           \
    }                                                                                                \
  }

// Identification.
GRANARY_READ_ONLY_REGISTER(MpidrEl1, "mpidr_el1", regs::MpidrEl1);
GRANARY_READ_ONLY_REGISTER(CtrEl0, "ctr_el0", regs::CtrEl0);
GRANARY_READ_ONLY_REGISTER(DczidEl0, "dczid_el0", regs::DczidEl0);
GRANARY_READ_ONLY_REGISTER(IdAa64Pfr0El1, "id_aa64pfr0_el1", regs::IdAa64Pfr0El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Pfr1El1, "id_aa64pfr1_el1", regs::IdAa64Pfr1El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Dfr0El1, "id_aa64dfr0_el1", regs::IdAa64Dfr0El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Isar0El1, "id_aa64isar0_el1", regs::IdAa64Isar0El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Mmfr0El1, "id_aa64mmfr0_el1", regs::IdAa64Mmfr0El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Mmfr1El1, "id_aa64mmfr1_el1", regs::IdAa64Mmfr1El1);
GRANARY_READ_ONLY_REGISTER(IdAa64Mmfr3El1, "S3_0_C0_C7_3", regs::IdAa64Mmfr3El1);

// Hypervisor control.
GRANARY_READ_WRITE_REGISTER(HcrEl2, "hcr_el2", regs::HcrEl2);
GRANARY_READ_WRITE_REGISTER(HcrxEl2, "S3_4_C1_C2_2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HstrEl2, "hstr_el2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HacrEl2, "hacr_el2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(CptrEl2, "cptr_el2", regs::CptrEl2);
GRANARY_READ_WRITE_REGISTER(MdcrEl2, "mdcr_el2", regs::MdcrEl2);
GRANARY_READ_WRITE_REGISTER(VtcrEl2, "vtcr_el2", regs::VtcrEl2);
GRANARY_READ_WRITE_REGISTER(VttbrEl2, "vttbr_el2", regs::VttbrEl2);
GRANARY_READ_WRITE_REGISTER(HfgrtrEl2, "S3_4_C1_C1_4", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HfgwtrEl2, "S3_4_C1_C1_5", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HfgitrEl2, "S3_4_C1_C1_6", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HdfgrtrEl2, "S3_4_C3_C1_4", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HdfgwtrEl2, "S3_4_C3_C1_5", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(HafgrtrEl2, "S3_4_C3_C1_6", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TrfcrEl2, "S3_4_C1_C2_1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(PmscrEl2, "S3_4_C9_C9_0", regs::PlainRegister);

// The kernel's own regime and its exceptions.
GRANARY_READ_WRITE_REGISTER(SctlrEl2, "sctlr_el2", regs::SctlrEl2);
GRANARY_READ_WRITE_REGISTER(Ttbr0El2, "ttbr0_el2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(VbarEl2, "vbar_el2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TpidrEl2, "tpidr_el2", regs::PlainRegister);  // the core's number
GRANARY_READ_ONLY_REGISTER(EsrEl2, "esr_el2", regs::EsrEl2);
GRANARY_READ_ONLY_REGISTER(FarEl2, "far_el2", regs::PlainRegister);

// What EL1&0 would be governed by; live for EL0 even without stage 1.
GRANARY_READ_WRITE_REGISTER(SctlrEl1, "sctlr_el1", regs::SctlrEl1);
GRANARY_READ_WRITE_REGISTER(CpacrEl1, "cpacr_el1", regs::CpacrEl1);
GRANARY_READ_WRITE_REGISTER(TcrEl1, "tcr_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(Ttbr0El1, "ttbr0_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(Ttbr1El1, "ttbr1_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(MairEl1, "mair_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(ContextidrEl1, "contextidr_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(VbarEl1, "vbar_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TpidrEl1, "tpidr_el1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TpidrEl0, "tpidr_el0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TpidrroEl0, "tpidrro_el0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(Tpidr2El0, "S3_3_C13_C0_5", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(Tcr2El1, "S3_0_C2_C0_3", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(PorEl0, "S3_3_C10_C2_4", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(Gcscre0El1, "S3_0_C2_C5_2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(TrfcrEl1, "S3_0_C1_C2_1", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(PmscrEl1, "S3_0_C9_C9_0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(AmuserenrEl0, "S3_3_C13_C2_3", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(PmuserenrEl0, "pmuserenr_el0", regs::PlainRegister);
GRANARY_READ_ONLY_REGISTER(PmcrEl0, "pmcr_el0", regs::PmcrEl0);
GRANARY_READ_WRITE_REGISTER(MdscrEl1, "mdscr_el1", regs::MdscrEl1);

// Time.
GRANARY_READ_ONLY_REGISTER(CntvctEl0, "cntvct_el0", regs::PlainRegister);
GRANARY_READ_ONLY_REGISTER(CntfrqEl0, "cntfrq_el0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(CnthctlEl2, "cnthctl_el2", regs::CnthctlEl2);
GRANARY_READ_WRITE_REGISTER(CntkctlEl1, "cntkctl_el1", regs::CntkctlEl1);
GRANARY_READ_WRITE_REGISTER(CntvoffEl2, "cntvoff_el2", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(CntvCtlEl0, "cntv_ctl_el0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(CntpCtlEl0, "cntp_ctl_el0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(CnthpCtlEl2, "cnthp_ctl_el2", regs::CnthpCtlEl2);
GRANARY_READ_WRITE_REGISTER(CnthpCvalEl2, "cnthp_cval_el2", regs::PlainRegister);

// GICv3 CPU interface.
GRANARY_READ_WRITE_REGISTER(IccSreEl2, "S3_4_C12_C9_5", regs::IccSreEl2);
GRANARY_READ_WRITE_REGISTER(IccPmrEl1, "S3_0_C4_C6_0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(IccBpr1El1, "S3_0_C12_C12_3", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(IccAp1r0El1, "S3_0_C12_C9_0", regs::PlainRegister);
GRANARY_READ_WRITE_REGISTER(IccCtlrEl1, "S3_0_C12_C12_4", regs::IccCtlrEl1);
GRANARY_READ_WRITE_REGISTER(IccIgrpen1El1, "S3_0_C12_C12_7", regs::IccIgrpen1El1);
GRANARY_READ_ONLY_REGISTER(IccIar1El1, "S3_0_C12_C12_0", regs::IccIarEl1);
GRANARY_WRITE_ONLY_REGISTER(IccEoir1El1, "S3_0_C12_C12_1", regs::IccIarEl1);
GRANARY_WRITE_ONLY_REGISTER(IccSgi1rEl1, "S3_0_C12_C11_5", regs::IccSgi1rEl1);
GRANARY_WRITE_ONLY_REGISTER(IccDirEl1, "S3_0_C12_C11_1", regs::IccIarEl1);

#undef GRANARY_READ_ONLY_REGISTER
#undef GRANARY_WRITE_ONLY_REGISTER
#undef GRANARY_READ_WRITE_REGISTER

}  // namespace hal::sysreg
