// SPDX-License-Identifier: Apache-2.0
// expects: could not convert
// layer: kernel
//
// Ids of different kinds cannot be mixed: a core is not a silo.
#include "kernel/base/ids.hpp"

bool is_first(base::SiloId silo);
bool is_first(base::SiloId silo) { return silo == base::SiloId(0); }

bool check(base::CoreId core, base::SiloId silo);
bool check([[maybe_unused]] base::CoreId core, [[maybe_unused]] base::SiloId silo) {
#ifdef COMPILES
  return is_first(silo);
#else
  return is_first(core);
#endif
}
