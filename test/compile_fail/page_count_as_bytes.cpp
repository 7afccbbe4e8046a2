// SPDX-License-Identifier: Apache-2.0
// expects: no match for 'operator+'
// layer: kernel
//
// A number of pages is not a number of bytes.
#include "kernel/base/address.hpp"

base::PhysicalAddress end_of(base::PhysicalAddress start, base::PageCount size);
base::PhysicalAddress end_of(base::PhysicalAddress start, base::PageCount size) {
#ifdef COMPILES
  return start + size.bytes();
#else
  return start + size;
#endif
}
