/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks for a silo that tests others, in C (C++: granary/testing.hpp). Each is a line on the console, `ok 3 - it
 * answers` or `not ok 3 - it answers` with its place and the values, and is counted. They may come from all threads.
 *
 *   int main(void) {
 *     GRANARY_CHECK(granary_port_call(...) == GRANARY_OK, "it answers");
 *     GRANARY_CHECK_EQUAL(answer.word[0], 30, "as far as it was asked to");
 *     return granary_test_verdict(HANDLE_SYSTEM);       // `verdict = true` in the manifest: the run ends with that
 *   }
 */
#pragma once

#include "granary/granary.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A heading for the checks that follow. */
void granary_test_section(const char* name);
/* Each gives 1 if it holds, else 0. Numbers are compared as 64-bit unsigned ones. */
int granary_test_check(int holds, const char* text, const char* file, unsigned line);
int granary_test_equal(uint64_t got, uint64_t wanted, const char* text, const char* file, unsigned line);
int granary_test_status(granary_status got, granary_status wanted, const char* text, const char* file, unsigned line);
#define GRANARY_CHECK(condition, text) granary_test_check(!!(condition), (text), __FILE__, __LINE__)
#define GRANARY_CHECK_EQUAL(got, wanted, text) \
  granary_test_equal((uint64_t)(got), (uint64_t)(wanted), (text), __FILE__, __LINE__)
#define GRANARY_CHECK_STATUS(got, wanted, text) granary_test_status((got), (wanted), (text), __FILE__, __LINE__)

/* Prints how many there were, and gives how many have failed: main()'s result. No check at all is a failure. */
int granary_test_finish(void);
/* The same, and says it to the system as its verdict. */
int granary_test_verdict(granary_handle system);

#ifdef __cplusplus
}
#endif
