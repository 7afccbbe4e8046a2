/* SPDX-License-Identifier: Apache-2.0
 *
 * The C interface of Granary: the system calls (granary/system_calls.h, one inline function each, status 0 or a
 * negative GRANARY_E...) and what a program needs around them: time, the silo's argument, what a status means.
 */
#pragma once

#include <stdint.h>

#include "granary/system_calls.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The number that the manifest gives this silo (`argument = 3`), 0 if none. */
uint64_t granary_argument(void);
/* What printf writes to; 0 if the manifest gives this silo no console. */
extern const granary_handle granary_console_handle;
/* "the deadline has passed": the sentence for a status. */
const char* granary_status_message(granary_status status);
/* What may help: "see `rate` of the silo in the manifest"; "" for GRANARY_OK. */
const char* granary_status_hint(granary_status status);

/* The counter that deadlines are measured in, now, and its ticks per second. */
static inline uint64_t granary_now(void) {
  uint64_t ticks;
  __asm__ __volatile__("isb\n\tmrs %0, cntvct_el0" : "=r"(ticks) : : "memory");
  return ticks;
}
static inline uint64_t granary_ticks_per_second(void) {
  uint64_t frequency;
  __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
  return frequency;
}
/* A deadline so many microseconds from now, never early: granary_port_call(port, &message, granary_after_us(5000),
 * &reply). */
static inline uint64_t granary_after_us(uint64_t microseconds) {
  const uint64_t frequency = granary_ticks_per_second();
  const uint64_t seconds = microseconds / 1000000, rest = microseconds % 1000000;
  return granary_now() + seconds * frequency + (rest * frequency + 999999) / 1000000;
}
static inline void granary_sleep_us(uint64_t microseconds) { granary_sleep_until(granary_after_us(microseconds)); }

#ifdef __cplusplus
}
#endif
