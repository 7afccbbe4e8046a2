// SPDX-License-Identifier: Apache-2.0
//
// When `ending` or the console's silo was stopped and the client still runs, the system has passed.
#include <stdio.h>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  wait_any(forever, handles::ending, handles::terminal).value();
  const bool console_stopped = !handles::terminal.status()->running();
  const Silo stopped = console_stopped ? handles::terminal : handles::ending;
  const bool was_killed = stopped.status()->state == abi::SiloState::Killed;
  if (console_stopped) {
    printf("the kernel prints again\n");
    sleep_for(2s);  // the printers, which are less urgent, come to their end
  }
  const bool client_runs = handles::client.status()->running();
  if (!client_runs) printf("client has stopped\n");
  handles::system.verdict(was_killed && client_runs ? 0 : 1).value();
}
