// SPDX-License-Identifier: Apache-2.0
//
// The byte rate of a silo: 6400 bytes of messages a second.
#include "check.hpp"

using namespace conformance;

namespace {

Port port;

/// Sends until the rate refuses; how many went through. What is sent is received at once.
std::uint64_t send_all(const Message& message) {
  std::uint64_t sent = 0;
  while (port.try_send(message).ok()) {
    ++sent;
    static_cast<void>(port.try_receive());
  }
  return sent;
}

/// With the rate used up, whether `attempt` is refused for it. Time gives a message back now and then, so several
/// tries.
template <typename Attempt>
bool is_limited(Attempt attempt) {
  for (int i = 0; i < 100; ++i) {
    static_cast<void>(send_all({}));
    const auto result = attempt();
    if (!result.ok() && result.error() == kRateExceeded) return true;
    static_cast<void>(port.try_receive());
  }
  return false;
}

}  // namespace

int main() {
  port = Port::create().value();
  const std::uint64_t whole = send_all({0, {1, 2, 3, 4, 5, 6, 7, 8}});
  check(whole >= 100 && whole < 200, "N10 6400 bytes are 100 messages of eight words");
  check(is_limited([] { return port.try_send({}); }), "N10 then none of any size");
  sleep_for(500ms);
  const std::uint64_t half = send_all({});
  check(half >= 99, "E17 half a second gives 3200 bytes back: the counter is not stuck");
  check(half < 200, "N10 and a short message counts its 32 bytes");
  return finish();
}
