// SPDX-License-Identifier: Apache-2.0
//
// Takes more stack than the guard page is large, of a size that no tool sees (a fixed one is refused when the system is
// built), and writes to its far end first. Expected: stopped, nothing is mapped there: the compiler touches every page
// of a large frame in order.
#include "hostile.hpp"

using namespace hostile;

namespace {

volatile std::size_t size_of_frame = 0x40000;

[[gnu::noinline]] std::uint64_t fill(std::uint64_t seed) {
  auto* const large = static_cast<volatile std::uint64_t*>(__builtin_alloca(size_of_frame));
  large[0] = seed;
  return large[0];
}

}  // namespace

int main() { return static_cast<int>(fill(40)) + survived(); }
