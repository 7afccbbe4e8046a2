// SPDX-License-Identifier: Apache-2.0
// expects: kernel/run_queue.hpp: No such file or directory
// layer: hal
//
// Hardware decides nothing: of kernel/ the HAL sees kernel/base and kernel/port only.
#ifdef COMPILES
#include "kernel/port/cpu.hpp"
#else
#include "kernel/run_queue.hpp"
#endif
