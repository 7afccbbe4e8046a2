// SPDX-License-Identifier: Apache-2.0
//
// Times of calls as their port tells them: service apart from waiting, and what is neither. Two threads: the server
// takes as long as the opcode says, in milliseconds.
#include "helper.hpp"

using namespace conformance;
using abi::CallTime;

namespace {

constexpr std::uint64_t kTakeTwo = 1000;  ///< the server takes another call before it answers both, the later first
constexpr std::uint64_t kSlow = 100;

Port port, callee;
std::atomic<bool> has_port = false;

std::uint64_t ticks(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count()) * granary::detail::counter_frequency() / 1000;
}
CallTimes times(CallTime which) { return port.call_stats(which).value(); }
std::uint64_t total(CallTime which) {
  std::uint64_t sum = 0;
  const CallHistogram histogram = port.call_histogram(which).value();
  for (const std::uint64_t bucket : histogram.bucket) sum += bucket;
  return sum;
}
unsigned bucket_of(std::uint64_t length) {
  return length < 2 ? 0u : 63u - static_cast<unsigned>(__builtin_clzll(length));
}

/// The helper makes a call, and the server has taken it.
void start_a_call(Helper::Job job) {
  const std::uint64_t taken = times(CallTime::Waiting).count;
  helper.start(job);
  static_cast<void>(eventually([&] { return times(CallTime::Waiting).count == taken + 1; }));
}

void serve(Request request) {
  if (request.message.opcode == kTakeTwo) {
    Request second = port.receive().value();
    sleep_for(2ms);
    static_cast<void>(Port::reply(std::move(second.token), {2}));
    sleep_for(10ms);
    static_cast<void>(Port::reply(std::move(request.token), {1}));
    return;
  }
  if (request.message.opcode != 0) sleep_for(std::chrono::milliseconds(request.message.opcode));
  if (request.token) static_cast<void>(Port::reply(std::move(request.token), {}));
}

}  // namespace

extern "C" void server_main(std::uint64_t) {
  while (!has_port) sleep_for(1ms);
  for (;;) {
    Result<Request> request = port.receive();
    if (request) serve(std::move(*request));
  }
}

int main() {
  port = Port::create().value();
  callee = port.duplicate(GRANARY_RIGHT_PORT_CALL | GRANARY_RIGHT_PORT_SEND).value();
  check_equal(times(CallTime::Service).count, 0, "D9 a new port has served no call");
  check_equal(times(CallTime::Waiting).count, 0, "D9 and none has waited");
  check_equal(times(CallTime::Service).shortest, 0, "D9 the shortest of none is 0");

  check_ok(port.try_send({}), "Y7 (a message is sent)");
  check_ok(port.try_receive(), "Y7 (and received)");
  check_equal(times(CallTime::Waiting).count, 0, "D9 a send has no waiting time");

  check_error(callee.call({1}, 3ms), kTimedOut, "D9 a call that nobody takes ends by its deadline");
  check_equal(times(CallTime::Waiting).count, 0, "D9 it was never taken, so it has no waiting time");

  has_port = true;
  for (int i = 0; i < 10; ++i) static_cast<void>(callee.call({2}));
  const CallTimes service = times(CallTime::Service);
  check_equal(service.count, 10, "Y7 ten calls were served");
  check(service.shortest >= ticks(2ms), "Y7 none in less time than the server slept");
  check(service.longest >= service.shortest && service.average() >= service.shortest &&
            service.average() <= service.longest,
        "Y7 shortest, average and longest are in order");
  check(service.sum >= 10 * service.shortest && service.sum <= 10 * service.longest, "Y7 the sum is that of ten");
  check_equal(times(CallTime::Waiting).count, 10, "D9 ten calls have waited");
  check_equal(total(CallTime::Service), 10, "D9 the histogram of service times counts each once");
  check_equal(total(CallTime::Waiting), 10, "D9 and that of waiting times");
  const CallHistogram histogram = port.call_histogram(CallTime::Service).value();
  check(histogram.bucket[bucket_of(service.shortest)] != 0 && histogram.bucket[bucket_of(service.longest)] != 0,
        "D9 the shortest and the longest are in their buckets");

  start_a_call([] { static_cast<void>(callee.call({kSlow})); });
  static_cast<void>(callee.call({}));
  check(helper.wait(), "D9 (two calls, the first one slow)");
  check(times(CallTime::Waiting).longest >= ticks(10ms), "D9 the second waited while the first was served");
  check(times(CallTime::Service).longest >= ticks(std::chrono::milliseconds(kSlow)), "D9 the first was served slowly");
  check(times(CallTime::Service).shortest < ticks(2ms),
        "D9 and the second at once: waiting is not in its service time");

  const CallTimes before = times(CallTime::Service);
  const std::uint64_t waited = times(CallTime::Waiting).count;
  check_error(callee.call({kSlow}, 5ms), kTimedOut, "D9 a call whose deadline passes while it is served");
  check(eventually([] { return port.stats()->replies_lost == 1; }), "D9 the server's reply is lost");
  check_equal(times(CallTime::Service).count, before.count, "D9 a lost reply makes no service time");
  check_equal(times(CallTime::Service).sum, before.sum, "D9 nor does it change the sum");
  check_equal(times(CallTime::Waiting).count, waited + 1, "D9 but the call was taken, so its waiting time counts");

  start_a_call([] { static_cast<void>(callee.call({kTakeTwo})); });
  const CallTimes earlier = times(CallTime::Service);
  static_cast<void>(callee.call({}));
  check(helper.wait(), "D9 (two calls, answered in reverse)");
  check(eventually([&] { return times(CallTime::Service).count == earlier.count + 2; }), "D9 both were served");
  check(times(CallTime::Service).sum - earlier.sum >= ticks(14ms),
        "D9 each by its own time: 2 ms of the later one, and 12 at least of the earlier");

  granary_port_call_stats_result raw;
  granary_port_call_histogram_result eight;
  check_status(granary_port_call_stats(port.value(), 2, &raw), GRANARY_EINVAL, "Y7 there are two kinds of times");
  check_status(granary_port_call_histogram(port.value(), 0, 40, &eight), GRANARY_EINVAL, "Y7 and forty buckets");
  check_status(granary_port_call_stats(callee.value(), 0, &raw), GRANARY_EPERM, "Y7 a client cannot ask for them");
  return finish();
}
