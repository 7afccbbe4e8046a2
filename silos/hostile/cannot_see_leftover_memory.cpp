// SPDX-License-Identifier: Apache-2.0
//
// Looks for traces of whoever had its memory before: heap and stack. Expected: all zero. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

extern "C" char __heap_start[], __heap_end[];

int main() {
  for (const char* byte = __heap_start; byte < __heap_end; byte += 8) {
    holds(read(reinterpret_cast<std::uint64_t>(byte)) == 0, "the heap is not zero");
  }
  std::uint64_t top = 0;
  const std::uint64_t here = address_of(top) - 512;  // below what this function and its callees use
  for (std::uint64_t address = (here & ~std::uint64_t{0xfff}) - 0x2000; address < here - 0x800; address += 8) {
    holds(read(address) == 0, "the stack is not zero");
  }
  return outcome();
}
