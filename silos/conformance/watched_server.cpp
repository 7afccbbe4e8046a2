// SPDX-License-Identifier: Apache-2.0
//
// Answers calls, by the fast path, until one asks it to hang.
#include "watched.hpp"

using namespace granary;

int main() {
  const Port service = watched::own_port();
  Result<Request> request = service.receive();
  for (;;) {
    const Message message = request.value().message;
    if (message.opcode == watched::kHang)
      for (;;) asm volatile("");
    request = service.reply_and_receive(std::move(request->token), message);
  }
}
