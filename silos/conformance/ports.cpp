// SPDX-License-Identifier: Apache-2.0
//
// Ports (the checklist's P1 to P9): queueing, blocking both ways, order, destruction, calls, statistics.
// Manifest: quota for ports and a channel, threads = { helper = { entry = "helper_main" } }.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Port port;                 // the port of the current group of checks, shared with the helper
Error outcome = Error(0);  // how the helper's operation ended
Message answer;            // what the helper's call brought back

template <typename T>
void note(const Result<T>& result) {
  outcome = result.ok() ? Error(0) : result.error();
}

void queueing() {
  port = Port::create().value();
  bool all = true;
  for (std::uint64_t i = 0; i < GRANARY_PORT_QUEUE_CAPACITY; ++i) all = port.try_send(numbered_message(i)).ok() && all;
  check(all, "P1: a port queues 16 messages");
  check_error(port.try_send({}), kWouldBlock, "P1: the 17th try_send is EAGAIN");
  check_error(port.send({}, do_not_block), kWouldBlock, "P2: so is a send that does not wait");
  const Clock::time_point deadline = Clock::now() + 5ms;
  check_error(port.send({}, deadline), kTimedOut, "P2: a send with a deadline waits for it");
  check(Clock::now() >= deadline, "P2: and not a tick less");
  const PortStatistics stats = port.stats().value();
  check_equal(stats.queued, 16, "P6: statistics tell the queue's length");
  check_equal(stats.deepest_queue, 16, "P6: and how long it ever was");
  check_equal(stats.sent, 16, "P6: and how many were sent: those that failed do not count");

  helper.start([] { note(port.send(numbered_message(16))); });
  helper.settle();
  check(!helper.is_idle(), "P2: a send without a deadline waits while the queue is full");
  check_ok(port.receive(), "P3: a message is received");
  check(helper.wait() && outcome == Error(0), "P2: which lets the waiting sender go on");
  bool in_order = true;
  for (std::uint64_t i = 1; i <= 16; ++i) {
    const Result<Request> request = port.try_receive();
    in_order = in_order && request.ok() && request->message == numbered_message(i) && !request->is_call();
  }
  check(in_order, "P3: messages come in the order of sending, whole, and are no calls");
  check_error(port.try_receive(), kWouldBlock, "P4: try_receive on an empty port is EAGAIN");
  check_error(port.receive(do_not_block), kWouldBlock, "P4: so is a receive that does not wait");
  check_ok(port.close(), "(closed)");
}

void waiting_receivers() {
  port = Port::create().value();
  helper.start([] {
    sleep_for(5ms);
    note(port.send(numbered_message(7)));
  });
  const Result<Request> request = port.receive(1s);
  check(request.ok() && request->message == numbered_message(7), "P3: a waiting receiver gets the message");
  check(helper.wait() && outcome == Error(0), "P3: and the sender goes on");

  helper.start([] { note(port.receive(5s)); });
  helper.settle();
  check_ok(port.try_send({}), "P2: try_send to a waiting receiver succeeds");
  check(helper.wait() && outcome == Error(0), "P3: and it has received");
  const PortStatistics stats = port.stats().value();
  check(stats.queued == 0 && stats.received == 2 && stats.sent == 2,
        "P6: what is handed over directly is counted as well");

  const Message four{9, {1, 2, 3, 4}};
  check_ok(port.try_send(four), "a message of four words");
  const Result<Request> short_one = port.try_receive();
  check(short_one.ok() && short_one->message == four, "has zeros in the other four");
  check_ok(port.close(), "(closed)");
}

void destruction() {
  port = Port::create().value();
  port.try_send(numbered_message(1)).value();
  port.try_send(numbered_message(2)).value();
  check_ok(port.destroy(), "P5: a port is destroyed by its owner");
  check_error(port.try_send({}), kPeerGone, "P5: try_send to it is EPIPE");
  check_error(port.send({}), kPeerGone, "P5: send to it is EPIPE and does not wait");
  check_error(port.call({}), kPeerGone, "P5: so is call");
  const Result<Request> first = port.receive();
  check(first.ok() && first->message == numbered_message(1), "P4: what was queued is still received");
  const Result<Request> second = port.try_receive();
  check(second.ok() && second->message == numbered_message(2), "P4: all of it");
  check_error(port.receive(), kPeerGone, "P4: and only then EPIPE");
  check_error(port.try_receive(), kPeerGone, "P4: for try_receive too");
  check(!port.stats().value().alive, "P6: statistics tell that it is no longer alive");
  check_ok(port.destroy(), "P5: destroying it again changes nothing");
  check_ok(port.close(), "(closed)");
}

void destruction_wakes() {
  port = Port::create().value();
  for (int i = 0; i < 16; ++i) port.try_send({}).value();
  helper.start([] { note(port.send({})); });
  helper.settle();
  port.destroy().value();
  check(helper.wait() && outcome == kPeerGone, "P2: destroying the port wakes a blocked sender with EPIPE");
  port.close().value();

  port = Port::create().value();
  helper.start([] { note(port.receive()); });
  helper.settle();
  port.destroy().value();
  check(helper.wait() && outcome == kPeerGone, "P5: and a blocked receiver");
  port.close().value();

  port = Port::create().value();
  helper.start([] { note(port.call({})); });
  helper.settle();
  port.destroy().value();
  check(helper.wait() && outcome == kPeerGone, "P5: and a caller whose call is still queued");
  port.close().value();

  port = Port::create().value();
  helper.start([] {
    const Result<Message> result = port.call(numbered_message(3));
    note(result);
    if (result) answer = *result;
  });
  Request taken = port.receive(1s).value();
  port.destroy().value();
  helper.settle();
  check(!helper.is_idle(), "P5: a call that was taken is still owed after the port's end");
  check_ok(Port::reply(std::move(taken.token), numbered_message(4)), "P5: and can be answered");
  check(helper.wait() && outcome == Error(0) && answer == numbered_message(4), "P5: its caller gets the answer");
  port.close().value();

  port = Port::create().value();
  helper.start([] { note(port.call({})); });
  helper.settle();
  port.close().value();
  check(helper.wait() && outcome == kPeerGone, "a port whose last handle is closed ends: a queued caller gets EPIPE");
}

void a_closed_handle_wakes() {
  static Port second;
  port = Port::create().value();
  second = port.duplicate().value();
  helper.start([] { note(second.receive()); });
  helper.settle();
  second.close().value();
  check(helper.wait() && outcome == kPeerGone,
        "closing a handle ends the receive that is blocked through it, with EPIPE");
  second = port.duplicate().value();
  helper.start([] { note(second.call({})); });
  helper.settle();
  second.close().value();
  check(helper.wait() && outcome == kPeerGone, "and a call");
  for (int i = 0; i < 16; ++i) port.try_send({}).value();
  second = port.duplicate().value();
  helper.start([] { note(second.send({})); });
  helper.settle();
  second.close().value();
  check(helper.wait() && outcome == kPeerGone, "and a send");
  check(port.stats().value().alive, "the port lives on by its other handle");
  port.close().value();
}

void flags() {
  port = Port::create().value();
  const ChannelEnds ends = Channel::create(1).value();
  granary_message got;
  granary_delivery delivery;
  bool refused = true;
  for (unsigned bit = 4; bit < 64; ++bit) {
    const granary_message message{0, std::uint64_t{1} << bit, {}};
    for (const granary_status status : {
             granary_port_send(port.value(), &message, 0),
             granary_port_try_send(port.value(), &message),
             granary_port_call(port.value(), &message, GRANARY_DEADLINE_FOREVER, &got),
             granary_port_reply(&message, 1),
             granary_port_reply_and_receive(port.value(), &message, 1, 0, &delivery),
             granary_chan_send(ends.first.value(), &message, 0),
             granary_chan_try_send(ends.first.value(), &message),
         }) {
      refused = refused && status == GRANARY_EINVAL;
    }
  }
  check(refused, "every flag but bits 0 to 3 is EINVAL, in every call that carries a message");
  check_equal(port.stats().value().sent + ends.first.stats().value().sent, 0, "and nothing was sent");
  check(ends.first.close().ok() && ends.second.close().ok() && port.close().ok(), "(closed)");
}

void calls() {
  port = Port::create().value();
  helper.start([] {
    const Result<Message> result = port.call(numbered_message(5));
    note(result);
    if (result) answer = *result;
  });
  Result<Request> request = port.receive(1s);
  check(request.ok() && request->message == numbered_message(5), "P8: a call brings its message, eight words");
  check(request.ok() && request->is_call(), "P8: and a token to answer it");
  helper.settle();
  check(!helper.is_idle(), "P8: the caller waits for the answer");
  check_ok(Port::reply(std::move(request->token), numbered_message(6)), "P8: the reply");
  check(helper.wait() && outcome == Error(0), "P8: lets it go on");
  check(answer == numbered_message(6), "P8: with the answer, eight words");

  helper.start([] {
    bool good = true;
    for (std::uint64_t i = 0; i < 200; ++i) {
      const Result<Message> result = port.call({i, {i}});
      good = good && result.ok() && result->words[0] == i + 1;
    }
    outcome = good ? Error(0) : kInvalidArgument;
  });
  request = port.receive(1s);
  for (int i = 1; i < 200 && request; ++i) {
    const std::uint64_t word = request->message.words[0];
    request = port.reply_and_receive(std::move(request->token), {0, {word + 1}}, 1s);
  }
  if (request) Port::reply(std::move(request->token), {0, {request->message.words[0] + 1}}).value();
  check(helper.wait() && outcome == Error(0), "P9: 200 calls by reply_and_receive: no reply is lost or mixed up");
  const PortStatistics stats = port.stats().value();
  check(stats.calls == 201 && stats.replies == 201 && stats.replies_lost == 0, "P6: calls and replies are counted");
  port.close().value();
}

}  // namespace

int main() {
  queueing();
  waiting_receivers();
  destruction();
  destruction_wakes();
  a_closed_handle_wakes();
  flags();
  calls();
  return finish();
}
