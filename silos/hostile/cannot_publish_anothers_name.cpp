// SPDX-License-Identifier: Apache-2.0
//
// Publishes its own port under another silo's name, to get what is meant for that one; takes the name away; and
// publishes another silo's port. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Port own = Port::create().value();
  for (int i = 0; i < 30; ++i) {  // before and after its publisher does
    refused(-publish("secret", own).error().number(), GRANARY_EPERM, "another's name");
    refused(-unpublish("secret").error().number(), GRANARY_EPERM, "taking it away");
    sleep_for(1ms);
  }
  refused(-publish("nobodys", own).error().number(), GRANARY_ENOENT, "a name that is none");
  refused(-publish("secret", handles::service).error().number(), GRANARY_EPERM, "another's port");
  refused(-publish("secret", Port(handles::console.value())).error().number(), GRANARY_EPERM, "what is no port");
  holds(!own.try_receive(), "something came that was not meant for it");
  return outcome();
}
