// SPDX-License-Identifier: Apache-2.0
// expects: ipc/port.hpp: No such file or directory
// layer: hal
//
// The HAL knows no objects.
#ifdef COMPILES
#include "kernel/port/cpu.hpp"
#else
#include "ipc/port.hpp"
#endif
