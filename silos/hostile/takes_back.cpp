// SPDX-License-Identifier: Apache-2.0
//
// The victim of cannot_keep_a_revoked_capability: gives it a capability, lets it derive for a while, and revokes. That
// must end soon, and nothing may come through the port afterwards. It also publishes the name that the others attack.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

void drain(const Port& port) {
  while (port.try_receive()) {
  }
}

}  // namespace

int main() {
  const Port secret = Port::create().value();
  publish("secret", secret).value();
  const Port port = Port::create().value();
  const std::uint64_t rights = GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_GRANT | GRANARY_RIGHT_DUPLICATE;
  handles::offers.send_with({1}, port, rights).value();
  for (int i = 0; i < 40; ++i) {
    sleep_for(2ms);
    drain(port);
  }
  const Clock::time_point begun = Clock::now();
  const Result<std::uint64_t> ended = port.revoke();
  holds(ended && *ended > 0, "the revoke failed");
  holds(Clock::now() - begun < 5s, "the revoke took too long");
  drain(port);
  holds(!port.receive(50ms), "a revoked capability still sends");
  refused(static_cast<granary_status>(port.revoke().value()), 0, "something was derived after the revoke");
  holds(!secret.try_receive(), "somebody sent to the secret port");
  return outcome();
}
