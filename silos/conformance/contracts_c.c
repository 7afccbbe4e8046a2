// SPDX-License-Identifier: Apache-2.0
//
// The same in C: a name with the right contract and with another.
#include <stdio.h>
#include <string.h>

#include "handles.h"

static int checks, failures;

static void check(int holds, const char* text) {
  printf("%s %d - %s\n", holds ? "ok" : "not ok", ++checks, text);
  failures += !holds;
}

int main(void) {
  // "log", and in the fifth word the contract.
  uint64_t name[GRANARY_MESSAGE_WORDS] = {0x676f6c};
  granary_handle log = 0;
  name[4] = LOG_HASH + 1;
  check(granary_name_connect(name, GRANARY_DEADLINE_FOREVER, &log) == GRANARY_EPROTOTYPE, "N15 another contract");
  name[4] = LOG_HASH;
  check(granary_name_connect(name, GRANARY_DEADLINE_FOREVER, &log) == GRANARY_OK, "N15 the right one");
  uint64_t contract = 0;
  check(granary_handle_contract(log, LOG_HASH, &contract) == GRANARY_OK && contract == LOG_HASH, "N15 and its port's");
  struct log_line line;
  memset(&line, 0, sizeof line);
  strcpy(line.text, "hello");
  check(sizeof line == 32 && LOG_LINE == 1, "N15 its messages are structures");
  printf("1..%d\n", checks);
  return failures;
}
