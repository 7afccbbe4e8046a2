// SPDX-License-Identifier: Apache-2.0
//
// Checks for a silo that tests others: each is a line on the console, `ok 3 - it answers` or `not ok 3 - it answers`
// with its place and the values, and is counted. They may come from all threads, and none ends the silo.
//
//   int main() {
//     const Result<Message> answer = handles::opening.call({.words = {30}}, 2s);
//     if (testing::ok(answer, "the window answers")) testing::equal(answer->words[0], 30, "as far as it was asked to");
//     testing::error(handles::opening.receive(), kNotPermitted, "a client does not receive");
//     return testing::finish(handles::system);         // `verdict = true` in the manifest: the run ends with that
//   }
//
// `granary test` runs such a system and takes the verdict (docs/how_to.md). C: granary/testing.h.
#pragma once

#include <type_traits>

#include "granary/granary.hpp"
#include "granary/log.hpp"
#include "granary/testing.h"

namespace granary::testing {

/// A heading for the checks that follow.
inline void section(const char* name) { granary_test_section(name); }

inline bool check(bool holds, const char* text, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
  return granary_test_check(holds, text, file, line) != 0;
}

namespace detail {
bool compared(bool equal, const granary::detail::LogValue& got, const granary::detail::LogValue& wanted,
              const char* text, const char* file, unsigned line);
bool result_is(bool holds, Error got, bool got_ok, const char* wanted, const char* text, const char* file,
               unsigned line);
void pause();
}  // namespace detail

/// Anything that a log can print, and == can compare.
template <typename Got, typename Wanted>
bool equal(const Got& got, const Wanted& wanted, const char* text, const char* file = __builtin_FILE(),
           unsigned line = __builtin_LINE()) {
  bool same;
  // A literal's type is int, whatever it is compared with: numbers are compared as numbers.
  if constexpr (std::is_integral_v<Got> && std::is_integral_v<Wanted> && !std::is_same_v<Got, bool> &&
                !std::is_same_v<Wanted, bool>)
    same = (got < 0) == (wanted < 0) && static_cast<std::uint64_t>(got) == static_cast<std::uint64_t>(wanted);
  else if constexpr (std::is_convertible_v<Got, std::string_view> && std::is_convertible_v<Wanted, std::string_view>)
    same = std::string_view(got) == std::string_view(wanted);
  else
    same = got == wanted;
  return detail::compared(same, granary::detail::LogValue(got), granary::detail::LogValue(wanted), text, file, line);
}

/// It has not failed.
template <typename T>
bool ok(const Result<T>& result, const char* text, const char* file = __builtin_FILE(),
        unsigned line = __builtin_LINE()) {
  return detail::result_is(result.ok(), result.error(), result.ok(), "success", text, file, line);
}
/// It has failed, and with that.
template <typename T>
bool error(const Result<T>& result, Error wanted, const char* text, const char* file = __builtin_FILE(),
           unsigned line = __builtin_LINE()) {
  return detail::result_is(!result.ok() && result.error() == wanted, result.error(), result.ok(), wanted.name(), text,
                           file, line);
}
/// Within that time it holds. It is asked each millisecond.
template <typename Condition, typename Rep, typename Period>
bool eventually(std::chrono::duration<Rep, Period> within, Condition condition, const char* text,
                const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) {
  const Clock::time_point end = Clock::now() + within;
  while (!condition() && Clock::now() < end) detail::pause();
  return check(condition(), text, file, line);
}

/// Prints how many there were, and gives how many have failed: main()'s result. No check at all is a failure.
inline int finish() { return granary_test_finish(); }
/// The same, and says it to the system as its verdict.
inline int finish(const System& system) { return granary_test_verdict(system.value()); }

}  // namespace granary::testing
