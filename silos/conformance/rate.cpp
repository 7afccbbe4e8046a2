// SPDX-License-Identifier: Apache-2.0
//
// The message rate of a silo: 100 messages a second, a burst of two seconds.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kRate = 100;
constexpr std::uint64_t kBurst = 2;

Port port;

/// Sends until the rate refuses; how many went through. What is sent is received at once.
std::uint64_t send_all(const Message& message, std::uint64_t limit) {
  std::uint64_t sent = 0;
  while (sent < limit && port.try_send(message).ok()) {
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
    static_cast<void>(send_all({}, 10'000));
    const auto result = attempt();
    if (!result.ok() && result.error() == kRateExceeded) return true;
    static_cast<void>(port.try_receive());
  }
  return false;
}
std::uint64_t since(Clock::time_point begin) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - begin).count());
}

void check_messages() {
  const Clock::time_point begin = Clock::now();
  const std::uint64_t burst = send_all({}, 10'000);
  // A silo that has just begun has all of its burst; what time gives meanwhile comes on top.
  check(burst >= kRate * kBurst, "N10 a whole burst goes through at once");
  check(burst <= kRate * kBurst + since(begin) * kRate / 1'000'000 + 1, "N10 and no more than time has given");
  check(is_limited([] { return port.try_send({}); }), "N10 the next send is refused: ENOBUFS");
  check(is_limited([] { return port.send({}, 10ms); }), "N10 one with a deadline as well, it does not wait");
  check(is_limited([] { return handles::nobody.call({}, 5ms); }), "N10 so is a call");
  const std::uint64_t sent = port.stats()->sent;
  static_cast<void>(port.try_send({}));
  check(port.stats()->sent <= sent + 1, "N10 what is refused is not sent");
  while (port.try_receive().ok()) {
  }
  check_error(port.try_receive(), kWouldBlock, "N10 receiving is never refused");

  const ChannelEnds ends = Channel::create(4).value();
  const auto emptied = [&](Result<void> sent) {
    static_cast<void>(ends.second.try_receive());
    return sent;
  };
  check(is_limited([&] { return emptied(ends.first.try_send({})); }), "N10 a channel's send has the same limit");
  check(is_limited([&] { return emptied(ends.first.send({}, 1ms)); }), "N10 in each of its forms");

  const AsyncChannel async = AsyncChannel::create(16).value();
  check(is_limited([&] {
          const Result<void> sent = async.send({});
          static_cast<void>(async.try_receive());
          return sent;
        }),
        "N10 as has that of an AsyncChan");
  Batch batch;
  for (unsigned i = 0; i < 16; ++i) static_cast<void>(batch.add({}));
  static_cast<void>(send_all({}, 10'000));
  sleep_for(50ms);
  const Result<std::uint64_t> batched = port.send_batch(batch, do_not_block);
  check(batched.ok() && *batched >= 1 && *batched < 16,
        "N10 each message of a batch counts: it stops where the rate does");
  while (port.try_receive().ok()) {
  }

  while (port.try_send({}).ok()) static_cast<void>(port.try_receive());
  sleep_for(200ms);
  const std::uint64_t back = send_all({}, 10'000);
  check(back >= 19, "E17 200 ms give back twenty messages");
  const Clock::time_point sustained = Clock::now();
  std::uint64_t admitted = 0;
  while (since(sustained) < 500'000) admitted += send_all({}, 10'000);
  check(admitted <= since(sustained) * kRate / 1'000'000 + 1, "E17 over half a second no more than the rate");
  check(admitted * 10 >= 9 * 50, "E17 and hardly less");
}

void serve_client() {
  std::uint64_t served = 0;
  Token token;
  for (;;) {
    Result<Request> request = handles::limited.reply_and_receive(std::move(token), {});
    if (!request) return;
    token = std::move(request->token);
    if (++served == 300) {
      static_cast<void>(Port::reply(std::move(token), {}));
      break;
    }
  }
  check_equal(served, 300, "N10 replies are free: 300 calls answered in one go");
}

}  // namespace

int main() {
  port = Port::create().value();
  check_messages();
  serve_client();
  return finish();
}
