// SPDX-License-Identifier: Apache-2.0
//
// Two kernels with the same random traffic, one without the short ways of the other: what can be seen after each step,
// and where the two part.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <vector>

#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace fakes {

/// What can be seen after a step: who runs, and all its registers.
struct Sight {
  std::uint64_t action;  ///< the number of the call, or what else was done
  std::uint64_t clock;
  std::uint64_t thread;
  std::array<std::uint64_t, 31> general;
  std::uint64_t program_counter, stack_pointer, thread_pointer, processor_state;
  std::uint64_t page;  ///< a sum over its message page, if the traffic uses it
  friend bool operator==(const Sight&, const Sight&) = default;
};

inline Sight sight_of(const kernel::Thread& thread, std::uint64_t action, std::uint64_t clock, std::uint64_t page = 0) {
  Sight sight{.action = action,
              .clock = clock,
              .thread = thread.silo().id.value() * 16ull + thread.index_in_silo(),
              .general = {},
              .program_counter = thread.program_counter,
              .stack_pointer = thread.stack_pointer,
              .thread_pointer = thread.thread_pointer,
              .processor_state = thread.processor_state,
              .page = page};
  std::copy(std::begin(thread.general), std::end(thread.general), sight.general.begin());
  return sight;
}

inline std::string text_of(const Sight& sight) {
  std::string text = "action " + std::to_string(sight.action) + " clock " + std::to_string(sight.clock) + " thread " +
                     std::to_string(sight.thread / 16) + "." + std::to_string(sight.thread % 16) + " page " +
                     std::to_string(sight.page);
  for (unsigned i = 0; i < sight.general.size(); ++i) {
    text += (i % 8 == 0 ? "\n  x" : "  x") + std::to_string(i) + "=" + std::to_string(sight.general[i]);
  }
  return text + "\n";
}

/// Fails the test at the first step after which the two differ, and says what led to it.
inline void expect_same(const std::vector<Sight>& slow, const std::vector<Sight>& fast) {
  ASSERT_EQ(slow.size(), fast.size());
  for (std::size_t i = 0; i < slow.size(); ++i) {
    if (slow[i] == fast[i]) continue;
    std::string before;
    for (std::size_t j = i < 8 ? 0 : i - 8; j < i; ++j) before += text_of(slow[j]);
    FAIL() << "step " << i << ", both before:\n"
           << before << "the long way:\n"
           << text_of(slow[i]) << "the short way:\n"
           << text_of(fast[i]);
  }
}

/// GRANARY_PROPERTY_STEPS, if it is set (make test-property).
inline std::uint64_t wanted_property_steps() {
  const char* const text = std::getenv("GRANARY_PROPERTY_STEPS");
  return text == nullptr ? 300'000 : std::strtoull(text, nullptr, 10);
}

}  // namespace fakes
