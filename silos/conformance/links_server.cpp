// SPDX-License-Identifier: Apache-2.0
//
// The other side of links.cpp, by its argument: 0 never receives; 1 takes calls and does not answer them; 2 answers.
#include "watched.hpp"

using namespace granary;

int main() {
  if (argument() == 0) sleep_until(forever);
  const Port server = watched::own_port();
  for (;;) {
    Result<Request> request = server.receive();
    if (request && argument() == 2) static_cast<void>(Port::reply(std::move(request->token), request->message));
  }
}
