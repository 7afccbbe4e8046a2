// SPDX-License-Identifier: Apache-2.0
//
// What a measuring silo needs. A window lies between `mov x20, x20` and `mov x21, x21`: two instructions that do
// nothing and that no compiler emits, so that any tool that sees the executed instructions can count between them. For
// ours (tools/bench/counter.c) X19 holds the row and X22 the number of operations when the window opens. Nothing is
// printed before the last window is closed: characters that wait for the UART would wake the kernel in the midst of
// one.
#pragma once

#include <inttypes.h>
#include <stdio.h>

#include "granary/granary.hpp"

namespace bench {

using namespace granary;
using namespace std::chrono_literals;

enum class Row : std::uint64_t {
#define ROW(name, number, what, text) name = number,
#include "rows.def"
#undef ROW
};

inline constexpr std::uint64_t kRounds = 10'000;
inline constexpr std::uint64_t kWarmUp = 100;

inline void open_window(Row row, std::uint64_t operations) {
  register std::uint64_t x19 asm("x19") = static_cast<std::uint64_t>(row);
  register std::uint64_t x22 asm("x22") = operations;
  asm volatile("mov x20, x20" : : "r"(x19), "r"(x22) : "memory");
}
inline void close_window() { asm volatile("mov x21, x21" : : : "memory"); }

inline int failures = 0;

/// Counts what does not hold. It prints, so it is called between windows of different rows and never within one.
inline void expect(bool holds, const char* text) {
  if (holds) return;
  ++failures;
  printf("bench: does not hold: %s\n", text);
}

/// `step()` gives a status; the first that is not 0 ends the loop and fails the bench.
template <typename Step>
[[gnu::always_inline]] inline granary_status repeat(std::uint64_t rounds, Step step) {
  for (std::uint64_t left = rounds; left != 0; --left) {
    if (const granary_status status = step(); status != GRANARY_OK) return status;
  }
  return GRANARY_OK;
}

template <typename Step>
[[gnu::always_inline]] inline void measure(Row row, std::uint64_t rounds, const char* text, Step step) {
  const granary_status before = repeat(kWarmUp, step);
  open_window(row, rounds);
  const granary_status status = repeat(rounds, step);
  close_window();
  expect(before == GRANARY_OK && status == GRANARY_OK, text);
}

/// Lets the console run empty, so that its interrupts stay out of the windows.
inline void settle() { sleep_for(200ms); }

}  // namespace bench
