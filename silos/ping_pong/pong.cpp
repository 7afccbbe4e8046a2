// SPDX-License-Identifier: Apache-2.0
//
// A server: receives from its port `service` and answers each call with ten times what it got.
#include "handles.hpp"

using namespace granary;

int main() {
  Result<Request> request = handles::service.receive();
  for (;;) {
    const std::uint64_t ball = request.value().message.words[0];
    request = handles::service.reply_and_receive(std::move(request->token), {.opcode = 0, .words = {10 * ball}});
  }
}
