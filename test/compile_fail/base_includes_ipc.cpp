// SPDX-License-Identifier: Apache-2.0
// expects: ipc/abi/abi.hpp: No such file or directory
// layer: base
//
// The base library is a leaf: it sees nothing of ours but itself.
#ifdef COMPILES
#include "kernel/base/ids.hpp"
#else
#include "ipc/abi/abi.hpp"
#endif
