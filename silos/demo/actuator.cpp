// SPDX-License-Identifier: Apache-2.0
//
// The actuator: serves the port `command`. It sets what it is told, within its own limits, and answers what it set.
#include <algorithm>

#include "handles.hpp"
#include "messages.hpp"

using namespace granary;

int main() {
  Result<Request> request = handles::command.receive();
  while (request) {
    const auto wanted = request->message.as<demo::Setting>();
    const demo::Setting set{std::clamp(wanted.percent, 0.0, 100.0)};
    request = handles::command.reply_and_receive(std::move(request->token), Message::of(0, set));
  }
  return 1;
}
