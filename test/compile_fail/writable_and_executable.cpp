// SPDX-License-Identifier: Apache-2.0
// expects: is not a member of
// layer: kernel
//
// There is no word for memory that is both writable and executable.
#include "kernel/port/stage2.hpp"

port::Access access_of_text();
port::Access access_of_text() {
#ifdef COMPILES
  return port::Access::ReadExecute;
#else
  return port::Access::ReadWriteExecute;
#endif
}
