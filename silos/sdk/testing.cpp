// SPDX-License-Identifier: Apache-2.0
//
// What checks print and count (testing.hpp, testing.h). Lines are those of the Test Anything Protocol.
#include "granary/testing.hpp"

#include <stdio.h>

#include <atomic>
#include <cstring>

#include "internal.hpp"
#include "log_text.hpp"

namespace {

constinit std::atomic<int> checks = 0, failures = 0;

using granary::detail::LogText;
using granary::detail::LogValue;

bool report(bool holds, const char* text, const char* file, unsigned line, std::string_view why) {
  const int number = ++checks;
  if (!holds) ++failures;
  printf("%sok %d - %s\n", holds ? "" : "not ", number, text);
  if (holds) return true;
  const char* const folder = std::strrchr(file, '/');
  printf("# %s:%u: %.*s\n", folder == nullptr ? file : folder + 1, line, static_cast<int>(why.size()), why.data());
  return false;
}

}  // namespace

namespace granary::testing::detail {

bool compared(bool equal, const LogValue& got, const LogValue& wanted, const char* text, const char* file,
              unsigned line) {
  LogText why;
  why.add("wanted ");
  why.add(wanted, "");
  why.add(", got ");
  why.add(got, "");
  return report(equal, text, file, line, why.text());
}

bool result_is(bool holds, Error got, bool got_ok, const char* wanted, const char* text, const char* file,
               unsigned line) {
  LogText why;
  why.add("wanted ");
  why.add(std::string_view(wanted));
  why.add(", got ");
  why.add(std::string_view(got_ok ? "success" : got.name()));
  if (!got_ok && got.call()[0] != '\0') {
    why.add(" of ");
    why.add(std::string_view(got.call()));
  }
  return report(holds, text, file, line, why.text());
}

}  // namespace granary::testing::detail

extern "C" {

void granary_test_section(const char* name) { printf("# %s\n", name); }

int granary_test_check(int holds, const char* text, const char* file, unsigned line) {
  return report(holds != 0, text, file, line, "it does not hold") ? 1 : 0;
}
int granary_test_equal(std::uint64_t got, std::uint64_t wanted, const char* text, const char* file, unsigned line) {
  return granary::testing::detail::compared(got == wanted, got, wanted, text, file, line) ? 1 : 0;
}
int granary_test_status(granary_status got, granary_status wanted, const char* text, const char* file, unsigned line) {
  const auto name = [](granary_status status) {
    return status == GRANARY_OK ? "success" : granary::Error(static_cast<int>(-status)).name();
  };
  return granary::testing::detail::compared(got == wanted, name(got), name(wanted), text, file, line) ? 1 : 0;
}

int granary_test_finish(void) {
  if (checks == 0) {
    printf("1..0\n# no check was made\n");
    return 1;
  }
  printf("1..%d\n# %d passed, %d failed\n", checks.load(), checks - failures, failures.load());
  return failures;
}

int granary_test_verdict(granary_handle system) {
  const int failed = granary_test_finish();
  granary::detail::tell_verdict(system, static_cast<std::uint64_t>(failed));
  return failed;
}

}  // extern "C"
