// SPDX-License-Identifier: Apache-2.0
// expects: boot/device_tree.hpp: No such file or directory
// layer: kernel
//
// boot/ knows everything; nothing knows boot/.
#ifdef COMPILES
#include "kernel/port/cpu.hpp"
#else
#include "boot/device_tree.hpp"
#endif
