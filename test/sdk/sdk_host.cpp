// SPDX-License-Identifier: Apache-2.0
//
// The functions that the SDK's headers declare and a silo gets from libgranary.
#include "test/sdk/sdk_host.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>

#include "internal.hpp"

namespace {
std::atomic<bool> real = true;
std::atomic<std::uint64_t> counter;
}  // namespace

namespace sdk_host {

void set_counter(std::uint64_t ticks) {
  counter = ticks;
  real = false;
}
void use_real_counter() { real = true; }

}  // namespace sdk_host

namespace granary::detail {

std::uint64_t counter_now() {
  if (!real) return counter++;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::nanoseconds(now).count());
}
std::uint64_t counter_frequency() { return kNanosecondsPerSecond; }

void print(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

}  // namespace granary::detail
