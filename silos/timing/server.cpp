// SPDX-License-Identifier: Apache-2.0
//
// Works for whoever calls, as long as the opcode says.
#include "handles.hpp"

using namespace granary;

int main() {
  Result<Request> request = handles::service.receive();
  for (;;) {
    for (std::uint64_t i = 0; request.ok() && i < request->message.opcode; ++i) asm volatile("");
    request = request.ok() && request->is_call()
                  ? handles::service.reply_and_receive(std::move(request->token), Message{0})
                  : handles::service.receive();
  }
}
