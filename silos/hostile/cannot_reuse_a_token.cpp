// SPDX-License-Identifier: Apache-2.0
//
// Serves its own second thread and tries to answer one call twice. Expected: refused the second time, and the
// caller's next call is not answered by it. Ends with 0.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {
Port port;
std::atomic<bool> ready = false;
std::atomic<int> wrong = 0;
}  // namespace

extern "C" void client_main(std::uint64_t) {
  while (!ready) sleep_for(1ms);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Result<Message> answer = port.call({i}, 2s);
    if (!answer || answer->opcode != i) ++wrong;
  }
}

int main() {
  port = Port::create().value();
  ready = true;
  for (int i = 0; i < 100; ++i) {
    Request request = port.receive(2s).value();
    const granary_message answer{request.message.opcode, 0, {}};
    const std::uint64_t token = request.token.release();
    refused(granary_port_reply(&answer, token), GRANARY_OK, "the answer");
    refused(granary_port_reply(&answer, token), GRANARY_EINVAL, "the token used again");
    refused(granary_port_reply(&answer, token), GRANARY_EINVAL, "and again");
  }
  holds(wrong == 0, "a call got the answer of another");
  return outcome();
}
