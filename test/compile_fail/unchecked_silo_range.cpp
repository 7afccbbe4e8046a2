// SPDX-License-Identifier: Apache-2.0
// expects: is private within this context
// layer: kernel
//
// A stretch of silo addresses is made by AddressRange::make alone, which checks it: nobody maps page 0 by forgetting to
// look.
#include "kernel/address_space.hpp"

base::Result<kernel::AddressRange> range_of(base::SiloAddress start, base::PageCount size);
base::Result<kernel::AddressRange> range_of(base::SiloAddress start, base::PageCount size) {
#ifdef COMPILES
  return kernel::AddressRange::make(start, size);
#else
  return kernel::AddressRange(start, size);
#endif
}
