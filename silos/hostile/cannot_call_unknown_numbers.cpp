// SPDX-License-Identifier: Apache-2.0
//
// Calls every number from 0 to 4095 that is no system call, and some far away. Expected: refused as unknown. Ends
// with 0.
#include "hostile.hpp"

using namespace hostile;

namespace {

bool is_known(std::uint64_t number) {
  switch (number) {
#define SYSTEM_CALL(known, name, object, right, in, out, errors, text) \
  case known:                                                          \
    return true;
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
    default: return false;
  }
}

granary_status call(std::uint64_t number) {
  register std::uint64_t x0 asm("x0") = 0;
  register std::uint64_t x8 asm("x8") = number;
  asm volatile("svc #0"
               : "+r"(x0), "+r"(x8)
               :
               : "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17",
                 "x18", "cc", "memory");
  return static_cast<granary_status>(x0);
}

}  // namespace

int main() {
  for (std::uint64_t number = 0; number < 4096; ++number)
    if (!is_known(number)) refused(call(number), GRANARY_ENOSYS, "an unknown call");
  for (unsigned bit = 12; bit < 64; ++bit) {
    refused(call(std::uint64_t{1} << bit), GRANARY_ENOSYS, "an unknown call");
    refused(call((std::uint64_t{1} << bit) + GRANARY_SYS_YIELD), GRANARY_ENOSYS, "a known call with a bit too many");
  }
  return outcome();
}
