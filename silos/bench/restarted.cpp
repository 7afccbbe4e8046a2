// SPDX-License-Identifier: Apache-2.0
//
// A silo of 64 KiB to be restarted: its image, beside what the library adds. It does nothing.
#include <cstddef>
#include <cstdint>

#include "bench.hpp"

namespace {

constexpr std::size_t kConstantBytes = 32 * 1024, kDataBytes = 16 * 1024;

template <std::size_t kBytes>
struct Filled {
  std::uint8_t byte[kBytes];
  constexpr explicit Filled(std::uint8_t seed) : byte{} {
    for (std::size_t i = 0; i < kBytes; ++i) byte[i] = static_cast<std::uint8_t>(i * seed + 1);
  }
};
constexpr Filled<kConstantBytes> constants(3);
Filled<kDataBytes> data(5);

}  // namespace

int main() {
  asm volatile("" : : "r"(&constants), "r"(&data) : "memory");  // they are used
  for (;;) granary::sleep_for(std::chrono::hours(1));
}
