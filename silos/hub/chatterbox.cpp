// SPDX-License-Identifier: Apache-2.0
//
// Logs faster than any console prints. It never waits for one; that lines were dropped is seen by their count, and by
// what the log says of it.
#include <granary/log.hpp>

#include "handles.hpp"

using namespace granary;

int main() {
  sleep_for(std::chrono::milliseconds(50));  // until the console has been taken
  constexpr Log log{"chatterbox"};
  constexpr int kEnough = 100'000;
  int lines = 0;
  while (log_dropped() < 100 && lines < kEnough)
    log.info("line {} of a silo that never listens, and talks and talks", ++lines);
  return lines < kEnough ? 0 : 1;
}
