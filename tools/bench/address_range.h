/* SPDX-License-Identifier: Apache-2.0
 *
 * The addresses of a function, as `make bench` gives them to counter.c.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

struct range {
  uint64_t begin, end;
};

static bool is_in(struct range range, uint64_t address) { return address >= range.begin && address < range.end; }

/* BEGIN-END, hexadecimal. */
static struct range range_of(const char* text) {
  struct range range;
  char* end;
  range.begin = strtoull(text, &end, 16);
  range.end = *end == '-' ? strtoull(end + 1, NULL, 16) : range.begin;
  return range;
}
