// SPDX-License-Identifier: Apache-2.0
//
// A server in no window: tells the time, at which it is served in its callers' windows.
#include "handles.hpp"
#include "check.hpp"

using namespace conformance;

int main() {
  Result<Request> request = handles::clock.receive();
  for (;;) request = handles::clock.reply_and_receive(std::move(request->token), Message{0, {detail::counter_now()}});
}
