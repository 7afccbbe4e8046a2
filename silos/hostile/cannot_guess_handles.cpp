// SPDX-License-Identifier: Apache-2.0
//
// Tries 30,000 handles that nobody gave it. Expected: each is refused as unknown. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_handle_info_result info;
  std::uint64_t guess = 88172645463325252;
  for (int i = 0; i < 30000; ++i) {
    guess ^= guess << 13, guess ^= guess >> 7, guess ^= guess << 17;  // xorshift
    const std::uint64_t handle =
        i < 15000 ? guess : abi::make_handle(static_cast<std::uint32_t>(i % 7), static_cast<std::uint32_t>(i / 7));
    if (handle == handles::console.value()) continue;
    refused(granary_handle_info(handle, &info), GRANARY_EBADF, "a guessed handle");
  }
  return outcome();
}
