/* SPDX-License-Identifier: Apache-2.0
 *
 * Stays in the kernel by what caused them: how many there were, and how long. counter.c says what a stay is.
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>

/* Causes of stays: a system call is its number, the rest comes behind. */
enum {
  CALLS = 1024,
  CAUSE_UNKNOWN_CALL = CALLS,
  CAUSE_INTERRUPT,
  CAUSE_IDLE,
  CAUSE_EXCEPTION,
  CAUSES_PLAIN = CAUSE_EXCEPTION + 64,
  CAUSES = 2 * CAUSES_PLAIN /* the same again, while the core traces */
};
struct stays {
  uint64_t count, sum, shortest, longest, stretch;
};

static void add_stay(struct stays* stays, uint64_t length, uint64_t stretch) {
  if (stays->count == 0 || length < stays->shortest) stays->shortest = length;
  if (length > stays->longest) stays->longest = length;
  if (stretch > stays->stretch) stays->stretch = stretch;
  ++stays->count;
  stays->sum += length;
}

static void print_cause(FILE* out, unsigned cause) {
  fputs(cause < CAUSES_PLAIN ? " cause=" : " cause=traced.", out);
  cause %= CAUSES_PLAIN;
  if (cause < CALLS) fprintf(out, "call.%u", cause);
  if (cause == CAUSE_UNKNOWN_CALL) fputs("call.unknown", out);
  if (cause == CAUSE_INTERRUPT) fputs("interrupt", out);
  if (cause == CAUSE_IDLE) fputs("idle", out);
  if (cause >= CAUSE_EXCEPTION) fprintf(out, "exception.%#x", cause - CAUSE_EXCEPTION);
}
static void print_stays(FILE* out, const char* word, const struct stays* all) {
  for (unsigned cause = 0; cause < CAUSES; ++cause) {
    const struct stays* stays = &all[cause];
    if (stays->count == 0) continue;
    fputs(word, out);
    print_cause(out, cause);
    fprintf(out, " count=%" PRIu64 " sum=%" PRIu64 " shortest=%" PRIu64 " longest=%" PRIu64 " stretch=%" PRIu64 "\n",
            stays->count, stays->sum, stays->shortest, stays->longest, stays->stretch);
  }
}
