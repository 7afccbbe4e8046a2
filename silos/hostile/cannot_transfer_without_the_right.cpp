// SPDX-License-Identifier: Apache-2.0
//
// Sends capabilities along to a port whose owner did not ask for any: by a send, a call, a move, with every width, and
// through copies that it made with the right added. Expected: refused, and its own capability stays. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Port own = Port::create().value();
  const std::uint64_t port = handles::service.value();
  granary_message message{.opcode = 1, .flags = GRANARY_FLAG_TRANSFER, .word = {}}, answer;
  for (const unsigned last : {3U, 7U}) {
    message.word[last] = own.value();
    message.word[last - 1] = GRANARY_RIGHT_PORT_SEND;
    message.flags = GRANARY_FLAG_TRANSFER | (last == 7 ? GRANARY_FLAG_EIGHT_WORDS : 0);
    refused(granary_port_send(port, &message, GRANARY_DEADLINE_FOREVER), GRANARY_EPERM, "sending one along");
    refused(granary_port_try_send(port, &message), GRANARY_EPERM, "trying to");
    refused(granary_port_call(port, &message, GRANARY_DEADLINE_FOREVER, &answer), GRANARY_EPERM, "calling with one");
    message.flags |= GRANARY_FLAG_MOVE;
    refused(granary_port_send(port, &message, GRANARY_DEADLINE_FOREVER), GRANARY_EPERM, "moving one");
    message.flags &= ~GRANARY_FLAG_TRANSFER;
    refused(granary_port_send(port, &message, GRANARY_DEADLINE_FOREVER), GRANARY_EINVAL, "moving what does not travel");
    message.word[last] = 0;
  }
  granary_handle copy = 0;
  refused(granary_handle_duplicate(port, GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_PORT_TRANSFER, &copy), GRANARY_EPERM,
          "adding the right in a copy");
  holds(own.info().ok(), "its own capability is gone");
  return outcome();
}
