// SPDX-License-Identifier: Apache-2.0
//
// Sends on the receiving end of a channel, and closes it as a port. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const granary_message message{};
  refused(granary_chan_try_send(handles::whisper.value(), &message), GRANARY_EPERM, "sending on the receiving end");
  refused(granary_chan_send(handles::whisper.value(), &message, GRANARY_DEADLINE_FOREVER), GRANARY_EPERM,
          "sending, waiting");
  refused(granary_port_destroy(handles::whisper.value()), GRANARY_EPERM, "destroying a channel as a port");
  return outcome();
}
