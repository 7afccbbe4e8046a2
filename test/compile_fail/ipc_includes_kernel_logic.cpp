// SPDX-License-Identifier: Apache-2.0
// expects: kernel/run_queue.hpp: No such file or directory
// layer: ipc
//
// Objects know no scheduler: of kernel/ they see kernel/base only.
#ifdef COMPILES
#include "kernel/base/ids.hpp"
#else
#include "kernel/run_queue.hpp"
#endif
