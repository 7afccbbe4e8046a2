// SPDX-License-Identifier: Apache-2.0
//
// What a conformance program needs: check() prints a TAP line ("ok 3 - text", "not ok 3 - text"), finish() the plan.
// A program's exit status is the number of its checks that failed; the conductor of the system turns those into the
// verdict.
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include <atomic>

#include "granary/granary.hpp"

namespace conformance {

using namespace granary;
using namespace std::chrono_literals;

inline std::atomic<int> checks = 0;
inline std::atomic<int> failures = 0;

inline bool check(bool holds, const char* text) {
  const int number = ++checks;
  if (!holds) ++failures;
  printf("%s %d - %s\n", holds ? "ok" : "not ok", number, text);
  return holds;
}

/// A status of the C interface, and what it must be.
inline bool check_status(granary_status got, granary_status wanted, const char* text) {
  const bool holds = check(got == wanted, text);
  if (!holds) printf("# wanted %s, got %s (%" PRId64 ")\n", granary_status_name(wanted), granary_status_name(got), got);
  return holds;
}

template <typename T>
bool check_ok(const Result<T>& result, const char* text) {
  const bool holds = check(result.ok(), text);
  if (!holds) printf("# failed: %s: %s\n", result.error().name(), result.error().message());
  return holds;
}
template <typename T>
bool check_error(const Result<T>& result, Error wanted, const char* text) {
  const bool holds = check(!result.ok() && result.error() == wanted, text);
  if (!holds) printf("# wanted %s, got %s\n", wanted.name(), result.ok() ? "success" : result.error().name());
  return holds;
}
inline bool check_equal(std::uint64_t got, std::uint64_t wanted, const char* text) {
  const bool holds = check(got == wanted, text);
  if (!holds) printf("# wanted %" PRIu64 " (%#" PRIx64 "), got %" PRIu64 " (%#" PRIx64 ")\n", wanted, wanted, got, got);
  return holds;
}

/// Any address as a word to read or write, whatever the compiler thinks of it.
inline volatile std::uint32_t& word_at(std::uint64_t address) {
  asm("" : "+r"(address));
  // SAFETY: none is claimed: whether the access is stopped is what is tested.
  return *reinterpret_cast<volatile std::uint32_t*>(address);
}

/// Waits until `condition()` holds, ten seconds at most (an emulated machine can be slow); says whether it does.
template <typename Condition>
bool eventually(Condition condition) {
  for (int i = 0; i < 5000; ++i) {
    if (condition()) return true;
    sleep_for(2ms);
  }
  return condition();
}

/// Last statement of main().
inline int finish() {
  printf("1..%d\n", checks.load());
  return failures.load();
}

/// A message whose every word is its own: to see that none is lost, moved or changed.
inline Message numbered_message(std::uint64_t opcode) {
  Message message{opcode};
  for (std::size_t i = 0; i < message.words.size(); ++i) message.words[i] = opcode * 0x0101010101010101 + i + 1;
  return message;
}

}  // namespace conformance
