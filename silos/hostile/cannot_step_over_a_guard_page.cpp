// SPDX-License-Identifier: Apache-2.0
//
// Has a variable larger than the guard page and writes to its far end first. Expected: stopped, nothing is mapped
// there: the compiler touches every page of a large frame in order.
#include "hostile.hpp"

using namespace hostile;

namespace {

[[gnu::noinline]] std::uint64_t fill(std::uint64_t seed) {
  volatile std::uint64_t large[0x8000];
  large[0] = seed;
  return large[0];
}

}  // namespace

int main() { return static_cast<int>(fill(40)) + survived(); }
