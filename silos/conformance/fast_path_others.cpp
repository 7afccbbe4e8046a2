// SPDX-License-Identifier: Apache-2.0
//
// Callers and servers for whom the fast path is not: a silo with a message rate, whose calls are all counted, and a
// port at which two threads receive. Manifest: conformance_fast_path; the argument is the role.
#include "fast_path.hpp"
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kLimited = 40, kTwoServers = 41;
Port port;

/// Ten messages a second, a second's worth at once.
void be_limited() {
  const Clock::time_point begin = Clock::now();
  std::uint64_t answered = 0, refused = 0;
  for (int i = 0; i < 40; ++i) {
    const std::int64_t status = status_of(call_raw({.handle = port.value()}));
    answered += status == GRANARY_OK;
    refused += status == GRANARY_ENOBUFS;
  }
  const auto given = static_cast<std::uint64_t>((Clock::now() - begin) / 100ms);
  check(answered >= 10 && answered <= 11 + given, "N10 calls to a waiting server count as any other");
  check_equal(answered + refused, 40, "N10 and are refused beyond the rate: ENOBUFS");
  sleep_for(250ms);
  check(status_of(call_raw({.handle = port.value()})) == GRANARY_OK, "N10 until time gives back a message");
}

std::atomic<int> served[2];
[[noreturn]] void serve(int which) {
  Request request = port.receive().value();
  for (;;) {
    ++served[which];
    const std::uint64_t until = request.message.words[0];
    while (detail::counter_now() < until) {
    }
    if (request.message.opcode == 1) sleep_for(2ms);
    request = port.reply_and_receive(std::move(request.token), {0, {~until}}).value();
  }
}

std::atomic<int> good;
void call_once(std::uint64_t opcode) {
  const std::uint64_t word = ticks_from_now(100us);
  const Result<Message> answer = port.call({opcode, {word}});
  good += answer.ok() && answer->words[0] == ~word;
}

void call_two() {
  for (int i = 0; i < 20; ++i) {
    helper.start([] { call_once(1); });  // the one that takes it sleeps
    sleep_for(1ms);
    for (int j = 0; j < 3; ++j) call_once(0);
    static_cast<void>(helper.wait());
  }
  check_equal(static_cast<std::uint64_t>(good.load()), 80,
              "P9 two threads receive at a port: every call has its answer");
  const PortStatistics now = port.stats().value();
  check(now.calls == 80 && now.replies == 80 && now.received == 80, "P6 and is counted once");
}

}  // namespace

extern "C" void second_main(std::uint64_t) {
  while (!port) sleep_for(1ms);
  serve(1);
}

int main() {
  for (std::uint32_t index = 1; index < 8 && !port; ++index) {
    const Result<HandleInfo> info = Handle(abi::make_manifest_handle(index)).info();
    if (info && info->type == abi::ObjectType::Port) port = Port(abi::make_manifest_handle(index));
  }
  if (argument() == kTwoServers) serve(0);
  if (argument() == kLimited) be_limited();
  if (argument() != kLimited) call_two();
  return finish();
}
