// SPDX-License-Identifier: Apache-2.0
//
// System calls that the SDK's own files make: waits of its loops (executor.cpp, loop.cpp), the verdict of its tests.
#include "granary/granary.hpp"
#include "granary/testing.hpp"
#include "internal.hpp"

namespace granary {

Result<std::uint64_t> detail::wait_for_any(unsigned count, const std::uint64_t* places, std::uint64_t deadline) {
  std::uint64_t ready;
  const granary_status status = granary_wait_any(count, places, deadline, &ready);
  if (status != GRANARY_OK) return error_of(status, SystemCall::WAIT_ANY);
  return ready;
}

void detail::sleep_until_tick(std::uint64_t tick) { granary_sleep_until(tick); }

void testing::detail::pause() { sleep_for(std::chrono::milliseconds(1)); }

void detail::tell_verdict(std::uint64_t system, std::uint64_t status) {
  flush_console();
  // A test that cannot say how it went must not look as if it had passed: it ends with what it gives main().
  if (granary_system_verdict(system, status) != GRANARY_OK) print("the verdict was refused: `verdict = true`?\n");
}

}  // namespace granary
