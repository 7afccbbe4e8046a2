/* SPDX-License-Identifier: Apache-2.0
 *
 * A log with levels and tags, on the silo's console: it goes to the silo that has the console, and to the kernel's
 * console if none has. For C; C++ has granary/log.hpp. Formats are printf's, and the compiler checks them.
 *
 *   #define GRANARY_LOG_TAG "window"
 *   #define GRANARY_LOG_LEVEL GRANARY_LOG_INFO        // what is less urgent is not even compiled
 *   #include <granary/log.h>
 *
 *   granary_log_warning("%d degrees", celsius);       // [silo] warning window: 31 degrees
 *
 * A line is whole, whatever other threads print. Nothing here waits for a console that is busy: a line that finds no
 * room is dropped and counted, and the count is printed before the next line that does, or at the end of the silo.
 */
#pragma once

#include <stdint.h>

#define GRANARY_LOG_OFF 0
#define GRANARY_LOG_ERROR 1
#define GRANARY_LOG_WARNING 2
#define GRANARY_LOG_INFO 3
#define GRANARY_LOG_DEBUG 4
#define GRANARY_LOG_TRACE 5

/* Levels above this one are not compiled. */
#ifndef GRANARY_LOG_LEVEL
#define GRANARY_LOG_LEVEL GRANARY_LOG_TRACE
#endif
#ifndef GRANARY_LOG_TAG
#define GRANARY_LOG_TAG ""
#endif
/* Characters of a line; the rest of a longer one is left out, and it ends with "...". The kernel's lines are as long.
 */
#define GRANARY_LOG_LINE_MAXIMUM 120

#ifdef __cplusplus
extern "C" {
#endif

/* The threshold while the silo runs: GRANARY_LOG_INFO if nothing is said. For all threads. */
void granary_log_set_level(int level);
int granary_log_level(void);
/* Lines that were dropped so far. */
uint64_t granary_log_dropped(void);

/* One line, if `level` is within the threshold. A line feed at the end may be left out; others become spaces. */
void granary_log_line(int level, const char* tag, const char* format, ...) __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#define GRANARY_LOG_AT(level, ...) \
  ((level) <= GRANARY_LOG_LEVEL ? granary_log_line((level), GRANARY_LOG_TAG, __VA_ARGS__) : (void)0)
#define granary_log_error(...) GRANARY_LOG_AT(GRANARY_LOG_ERROR, __VA_ARGS__)
#define granary_log_warning(...) GRANARY_LOG_AT(GRANARY_LOG_WARNING, __VA_ARGS__)
#define granary_log_info(...) GRANARY_LOG_AT(GRANARY_LOG_INFO, __VA_ARGS__)
#define granary_log_debug(...) GRANARY_LOG_AT(GRANARY_LOG_DEBUG, __VA_ARGS__)
#define granary_log_trace(...) GRANARY_LOG_AT(GRANARY_LOG_TRACE, __VA_ARGS__)
