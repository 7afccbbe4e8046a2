/* SPDX-License-Identifier: Apache-2.0
 *
 * picolibc's <time.h> and the one C11 function that <ctime> names and picolibc lacks. It is declared and nowhere
 * defined: a silo has no calendar time, and using it is a link error. For time use granary::Clock.
 */
#pragma once
#include_next <time.h>
#ifndef TIME_UTC
#define TIME_UTC 1
#ifdef __cplusplus
extern "C" {
#endif
int timespec_get(struct timespec* time, int base);
#ifdef __cplusplus
}
#endif
#endif
