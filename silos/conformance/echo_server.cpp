// SPDX-License-Identifier: Apache-2.0
//
// Answers each call with its own message, for sdk_c.c.
#include "handles.hpp"

using namespace granary;

int main() {
  Result<Request> request = handles::echo.receive();
  for (;;) {
    const Message message = request.value().message;
    request = handles::echo.reply_and_receive(std::move(request->token), message);
  }
}
