// SPDX-License-Identifier: Apache-2.0
// expects: hal/regs/esr_el2.hpp: No such file or directory
// layer: kernel
//
// Policy states its needs in kernel/port; it cannot name hardware.
#ifdef COMPILES
#include "kernel/port/cpu.hpp"
#else
#include "hal/regs/esr_el2.hpp"
#endif
