// SPDX-License-Identifier: Apache-2.0
// expects: kernel/base/ids.hpp: No such file or directory
// layer: abi
//
// The interface depends on nothing, so that silos and tools can include it.
#ifdef COMPILES
#include "ipc/abi/abi.hpp"
#else
#include "kernel/base/ids.hpp"
#endif
