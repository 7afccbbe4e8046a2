// SPDX-License-Identifier: Apache-2.0
// expects: hal/regs/esr_el2.hpp: No such file or directory
// layer: ipc
//
// Objects know no hardware: hal is not in the include root of ipc.
#ifdef COMPILES
#include "kernel/base/result.hpp"
#else
#include "hal/regs/esr_el2.hpp"
#endif
