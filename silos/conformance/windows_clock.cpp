// SPDX-License-Identifier: Apache-2.0
//
// A server in no window: tells the time, at which it is served in its callers' windows.
#include "windows.hpp"

using namespace conformance;

int main() {
  const Port port = port_with(abi::Right::PortReceive);
  Result<Request> request = port.receive();
  for (;;) request = port.reply_and_receive(std::move(request->token), Message{0, {detail::counter_now()}});
}
