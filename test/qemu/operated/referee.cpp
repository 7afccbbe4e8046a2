// SPDX-License-Identifier: Apache-2.0
//
// When `ending` was stopped and the client still runs, the system has passed.
#include <stdio.h>

#include "handles.hpp"

using namespace granary;

int main() {
  wait_any(forever, handles::ending).value();
  const bool was_killed = handles::ending.status()->state == abi::SiloState::Killed;
  const bool client_runs = handles::client.status()->running();
  if (!client_runs) printf("client has stopped\n");
  handles::system.verdict(was_killed && client_runs ? 0 : 1).value();
}
