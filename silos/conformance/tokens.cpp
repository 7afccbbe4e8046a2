// SPDX-License-Identifier: Apache-2.0
//
// Reply tokens: valid once, for the thread that received the call, and for nobody else; what happens when the caller
// is gone; how many a thread may owe. Manifest: quota for ports, a helper thread and 17 threads that begin at
// caller_main.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Port port;
Error outcome = Error(0);
Message answer;
std::atomic<Clock::duration> patience = Clock::duration(2s);

// The 17 callers: each waits for the start, calls, and notes what it got.
std::atomic<bool> callers_may_start = false;
std::atomic<int> callers_answered = 0;
std::atomic<int> callers_failed = 0;

granary_status reply_raw(std::uint64_t token) {
  const granary_message message{};
  return granary_port_reply(&message, token);
}

void call_once() {
  const Result<Message> result = port.call(numbered_message(1), patience.load());
  outcome = result.ok() ? Error(0) : result.error();
  if (result) answer = *result;
}

void once_and_only_once() {
  port = Port::create().value();
  helper.start(call_once);
  Request request = port.receive(1s).value();
  const std::uint64_t token = request.token.release();
  check(token != 0, "P8 a call comes with a token");
  check_status(reply_raw(token + 1), GRANARY_EINVAL, "C2 the next number is no token");
  check_status(reply_raw(token - 1), GRANARY_EINVAL, "C2 nor the one before");
  check_status(reply_raw(0), GRANARY_EINVAL, "C2 nor 0");
  check_status(reply_raw(~0ull), GRANARY_EINVAL, "C2 nor all ones");
  check_status(reply_raw(token), GRANARY_OK, "P8 the token answers the call");
  check_status(reply_raw(token), GRANARY_EINVAL, "once");
  check(helper.wait() && outcome == Error(0), "the caller is answered");

  helper.start(call_once);
  Request second = port.receive(1s).value();
  const std::uint64_t next = second.token.release();
  check(next != token, "the next call has another token");
  check_status(reply_raw(token), GRANARY_EINVAL, "C2 and the spent one does not answer it");
  granary_delivery delivery;
  const granary_message message{};
  port.try_send({77}).value();
  check_status(granary_port_reply_and_receive(port.value(), &message, token, 0, &delivery), GRANARY_EINVAL,
               "reply_and_receive with a spent token is EINVAL");
  check_equal(port.stats().value().queued, 1, "and receives nothing");
  check_status(granary_port_reply_and_receive(port.value(), &message, next, 0, &delivery), GRANARY_OK,
               "with the right one it answers");
  check_equal(delivery.message.opcode, 77, "and receives");
  check(helper.wait() && outcome == Error(0), "the caller is answered");
  port.close().value();
}

void another_threads_token() {
  static std::uint64_t token;
  static std::atomic<int> waiting;
  port = Port::create().value();
  helper.start([] {
    Request request = port.receive(1s).value();
    token = request.token.release();
    while (waiting == 1) sleep_for(1ms);
    outcome = Error(static_cast<int>(-reply_raw(token)));
  });
  waiting = 1;
  helper.settle();
  const Result<Message> result = port.call({}, 300ms);  // nobody else can call: this thread does, and gives up
  check_error(result, kTimedOut, "C1 a call whose server does not answer ends at its deadline");
  check_status(reply_raw(token), GRANARY_EINVAL, "C2 a token is worth nothing to another thread");
  waiting = 0;
  check(helper.wait() && outcome == kPeerGone, "replying to a caller that has given up is EPIPE");
  check_equal(port.stats().value().replies_lost, 1, "and is counted as lost");
  port.close().value();
}

void a_lost_reply_is_told() {
  port = Port::create().value();
  patience = 300ms;
  helper.start(call_once);
  Request request = port.receive(1s).value();
  check(helper.wait() && outcome == kTimedOut, "the caller gives up while it is served");
  port.try_send({5}).value();
  const Result<Request> next = port.reply_and_receive(std::move(request.token), {}, 1s);
  check(next.ok() && next->message.opcode == 5, "reply_and_receive to a caller that has gone still receives");
  check(next.ok() && next->reply_lost, "and tells that the reply was lost");
  port.try_send({6}).value();
  Result<Request> after = port.receive(1s);
  check(after.ok() && !after->reply_lost, "the message after that does not");
  helper.start(call_once);
  request = port.receive(1s).value();
  check(helper.wait() && outcome == kTimedOut, "another caller gives up");
  check_error(port.reply_and_receive(std::move(request.token), {}, 1ms), kTimedOut,
              "a reply_and_receive that loses its reply and receives nothing says why it received nothing");
  port.try_send({8}).value();
  after = port.receive(1s);
  check(after.ok() && !after->reply_lost, "and a message of a later receive does not tell of it");
  check_equal(port.stats().value().replies_lost, 2, "but each is counted");
  port.try_send({7}).value();
  after = port.reply_and_receive(std::move(after->token), {}, 1s);
  check(after.ok() && after->message.opcode == 7, "a message that nobody waits for has nothing to answer: a receive");
  helper.start(call_once);
  check(helper.wait() && outcome == kTimedOut, "C1 a call that nobody takes ends at its deadline");
  check_error(port.try_receive(), kWouldBlock, "and leaves nothing in the queue");
  port.close().value();
}

void many_at_once() {
  port = Port::create().value();
  callers_may_start = true;
  check(eventually([] { return port.stats().value().queued == 17; }),
        "C11 17 calls wait: a call needs none of the 16 slots");
  check_ok(port.try_send({99}), "C11 and takes none from those who send");
  std::uint64_t tokens[GRANARY_OWED_REPLIES_MAXIMUM];
  bool all = true;
  for (std::uint64_t& token : tokens) {
    Result<Request> request = port.try_receive();
    all = all && request.ok() && request->is_call();
    token = request ? request->token.release() : 0;
  }
  check(all, "a thread can take 16 calls without answering");
  check_error(port.try_receive(), kBusy, "the 17th is EBUSY");
  check_error(port.receive(1s), kBusy, "whether it waits or not");
  check_status(reply_raw(tokens[7]), GRANARY_OK, "Y6 one is answered, out of order");
  Result<Request> last = port.try_receive();
  check(last.ok() && last->is_call(), "and the 17th can be taken");
  const Result<Request> sent = port.try_receive();
  check(sent.ok() && sent->message.opcode == 99 && !sent->is_call(), "a sent message can be taken with 16 owed");
  for (int i = 15; i >= 0; --i)
    if (i != 7) all = reply_raw(tokens[i]) == GRANARY_OK && all;
  if (last) all = Port::reply(std::move(last->token), {}).ok() && all;
  check(all, "D2 the others are answered in reverse order");
  check(eventually([] { return callers_answered + callers_failed == 17; }) && callers_answered == 17,
        "Y6 all 17 callers have their answers");
  port.close().value();
}

}  // namespace

extern "C" void caller_main(std::uint64_t) {
  while (!callers_may_start) sleep_for(1ms);
  ++(port.call({1}, 5s).ok() ? callers_answered : callers_failed);
}

int main() {
  once_and_only_once();
  another_threads_token();
  a_lost_reply_is_told();
  many_at_once();
  return finish();
}
