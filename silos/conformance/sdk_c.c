/* SPDX-License-Identifier: Apache-2.0
 *
 * The C interface: a C program with handles from handles.h, calls, statuses, time. Its server is `echo_server`.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handles.h"

static int checks, failures;

static void check(int holds, const char* text) {
  if (!holds) ++failures;
  printf("%s %d - C: %s\n", holds ? "ok" : "not ok", ++checks, text);
}

static int by_value(const void* a, const void* b) { return *(const int*)a - *(const int*)b; }

/* The C library: memory within the manifest's heap, mathematics, formats both ways. */
static void c_library(void) {
  int* numbers = malloc(100 * sizeof *numbers);
  check(numbers != NULL, "malloc");
  for (int i = 0; i < 100; ++i) numbers[i] = (i * 37) % 100;
  qsort(numbers, 100, sizeof *numbers, by_value);
  int sorted = 1;
  for (int i = 0; i < 100; ++i) sorted = sorted && numbers[i] == i;
  check(sorted, "qsort");
  numbers = realloc(numbers, 1000 * sizeof *numbers);
  check(numbers != NULL && numbers[99] == 99, "realloc keeps what is there");
  free(numbers);
  check(malloc(1 << 20) == NULL, "more than the manifest's heap is a null pointer");
  check(fabs(sin(1.0) - 0.8414709848) < 1e-9 && pow(2.0, 10.0) == 1024.0 && floor(-1.5) == -2.0, "sin, pow and floor");
  char text[40];
  snprintf(text, sizeof text, "%d %.2f %s", -7, 3.14159, "words");
  int whole;
  double part;
  char word[8];
  check(sscanf(text, "%d %lf %7s", &whole, &part, word) == 3, "sscanf");
  check(whole == -7 && fabs(part - 3.14) < 1e-12 && strcmp(word, "words") == 0, "reads what snprintf has written");
}

int main(void) {
  check(granary_argument() == 33, "granary_argument is the manifest's");
  check(granary_console_handle == HANDLE_CONSOLE, "printf's console is the manifest's");

  struct granary_message question = {.opcode = 5, .flags = GRANARY_FLAG_EIGHT_WORDS, .word = {1, 2, 3, 4, 5, 6, 7, 8}};
  struct granary_message answer;
  granary_status status = granary_port_call(HANDLE_ECHO, &question, granary_after_us(2000000), &answer);
  check(status == GRANARY_OK, "a call");
  check(memcmp(&question, &answer, sizeof answer) == 0, "is answered with what was sent, eight words");

  struct granary_delivery delivery;
  status = granary_port_try_receive(HANDLE_ECHO, &delivery);
  check(status == GRANARY_EPERM, "a client cannot receive");
  check(strcmp(granary_status_name(status), "EPERM") == 0, "a status has a name");
  check(strcmp(granary_status_message(GRANARY_ETIMEDOUT), "the deadline has passed") == 0, "and a sentence");

  const uint64_t before = granary_now();
  granary_sleep_us(3000);
  const uint64_t passed = granary_now() - before;
  check(passed >= granary_ticks_per_second() * 3 / 1000, "granary_sleep_us sleeps long enough");

  struct granary_handle_info_result info;
  check(granary_handle_info(HANDLE_ECHO, &info) == GRANARY_OK && info.object_type == GRANARY_OBJECT_PORT,
        "HANDLE_INFO");
  c_library();
  printf("1..%d\n", checks);
  return failures;
}
