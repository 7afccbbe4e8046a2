// SPDX-License-Identifier: Apache-2.0
//
// AsyncChans as a silo sees them: sending never waits, what is refused is counted, what is queued survives a close.
// Manifest: quota = { async_channels = 4, async_messages = 288, notifications = 1, bindings = 1 }, threads helper,
// sender_1 to sender_3.
#include "check.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

AsyncChannel channel;  // of the current group of checks
Error outcome = Error(0);
std::uint64_t got = 0;

void note_receive() {
  const Result<Delivery> delivery = channel.receive();
  outcome = delivery.ok() ? Error(0) : delivery.error();
  got = delivery.ok() ? delivery->message.opcode : 0;
}

void open(std::uint64_t capacity) { channel = AsyncChannel::create(capacity).value(); }
void close() { channel.close().ignore(); }

void creation() {
  check_error(AsyncChannel::create(0), kInvalidArgument, "defect A2 a capacity of 0 is EINVAL");
  check_error(AsyncChannel::create(257), kInvalidArgument, "defect A2 257 is too");
  check_error(AsyncChannel::create(~0ull), kInvalidArgument, "defect A2 and all ones");
  channel = AsyncChannel::create().value();
  check_equal(channel.stats().value().capacity, 256, "A1 without a number it is 256");
  const HandleInfo info = channel.info().value();
  check(info.type == abi::ObjectType::AsyncChannel, "A1 its handle says what it is");
  constexpr std::uint64_t kBoth = GRANARY_RIGHT_ASYNC_SEND | GRANARY_RIGHT_ASYNC_RECEIVE;
  check((info.rights & kBoth) == kBoth, "A1 the creator may send and receive");
  bool all = true;
  for (std::uint64_t i = 0; i < 256; ++i) all = channel.send(numbered_message(i)).ok() && all;
  check(all, "A8 it takes 256 messages");
  check_error(channel.send({}), kWouldBlock, "A8 and not one more: capacity is exact");
  bool in_order = true;
  for (std::uint64_t i = 0; i < 256; ++i) {
    const Result<Delivery> delivery = channel.try_receive();
    in_order = in_order && delivery.ok() && delivery->message == numbered_message(i);
  }
  check(in_order, "A8 and gives them back in order, whole");
  close();

  const AsyncChannel large = AsyncChannel::create(241).value();
  const AsyncChannel small = AsyncChannel::create(1).value();
  const AsyncChannel next = AsyncChannel::create(16).value();
  check_error(AsyncChannel::create(1), kQuotaExceeded, "defect A2 capacities count in sixteens: 256 + 16 + 16 of 288");
  small.close().value();
  const Result<AsyncChannel> again = AsyncChannel::create(1);
  check_ok(again, "defect A2 what is closed is given back");
  large.close().value();
  next.close().value();
  if (again) again->close().value();
  AsyncChannel four[4];
  for (AsyncChannel& one : four) one = AsyncChannel::create(1).value();
  check_error(AsyncChannel::create(1), kQuotaExceeded, "defect A2 the number of channels has its own quota");
  for (const AsyncChannel& one : four) one.close().value();
}

void self_tests() {
  open(2);
  check(channel.send({1}).ok() && channel.send({2}).ok(), "A10 push 1 and 2");
  check_error(channel.send({3}), kWouldBlock, "A10 the third send to a capacity of 2 is refused");
  check_equal(channel.try_receive().value().message.opcode, 1, "A10 pop 1");
  check_equal(channel.try_receive().value().message.opcode, 2, "A10 pop 2");
  check_error(channel.try_receive(), kWouldBlock, "A10 pop none");
  close();
}

void sending_and_receiving() {
  open(1);
  check_ok(channel.send(numbered_message(1)), "A2 a message is sent to a capacity of 1");
  const Clock::time_point before = Clock::now();
  bool all_refused = true;
  for (int i = 0; i < 100; ++i) all_refused = all_refused && channel.send({}).error() == kWouldBlock;
  check(all_refused, "A2 a hundred more are refused");
  check(Clock::now() - before < 1s, "A2 and not one of the sends waited");
  check_equal(channel.stats().value().dropped, 100, "A2 each counts as dropped");
  const Result<Delivery> delivery = channel.receive();
  check(delivery.ok() && delivery->message == numbered_message(1), "A3 the message comes out whole");
  check_equal(delivery ? delivery->badge : 1, 0, "A3 with the badge of the capability it was sent through");
  check_error(channel.try_receive(), kWouldBlock, "A3 what was refused does not come later");
  check_equal(channel.stats().value().received, 1, "A3 the receive is counted");
  granary_message partial{5, 0, {1, 2, 3, 4, 5, 6, 7, 8}};
  granary_async_send(channel.value(), &partial);
  const Message short_message = channel.receive().value().message;
  check(short_message.words[3] == 4 && short_message.words[4] == 0 && short_message.words[7] == 0,
        "A3 words that the flags do not announce do not travel");
  for (const std::uint64_t flags : {2ull, 0x100ull, 1ull << 63}) {
    partial.flags = flags;
    check_status(granary_async_send(channel.value(), &partial), GRANARY_EINVAL, "A2 a flag that is none is EINVAL");
  }
  close();
}

void waiting() {
  open(4);
  Clock::time_point deadline = Clock::now() + 5ms;
  check_error(channel.receive(deadline), kTimedOut, "A4 a receive with a deadline ends with ETIMEDOUT");
  check(Clock::now() >= deadline, "A4 not a tick before it");
  check_error(channel.receive(do_not_block), kWouldBlock, "defect A4 0 does not wait, it does not mean for ever");
  granary_delivery raw;
  check_status(granary_async_receive(channel.value(), 1, &raw), GRANARY_ETIMEDOUT,
               "defect A4 nor does a deadline in the past");
  channel.send({9}).value();
  check_status(granary_async_receive(channel.value(), 1, &raw), GRANARY_OK, "A4 which takes what is there");
  helper.start(note_receive);
  helper.settle();
  check(!helper.is_idle(), "A4 a receive waits while it is empty");
  channel.send({10}).value();
  check(helper.wait() && outcome == Error(0) && got == 10, "A4 and gets what is sent then");
  const AsyncChannel second = channel;
  channel = second.duplicate().value();
  helper.start(note_receive);
  helper.settle();
  channel.close().value();
  check(helper.wait() && outcome == kPeerGone, "B10 closing a handle ends the receive that is blocked through it");
  check_ok(second.send({11}), "B10 and the channel lives on by the other handle");
  channel = second;
  check_equal(channel.receive().value().message.opcode, 11, "B10 in both directions");
  close();
}

void closing() {
  open(4);
  channel.send({1}).value();
  channel.send({2}).value();
  check_ok(channel.close_channel(), "A6 a channel is closed for all");
  check_error(channel.send({3}), kPeerGone, "defect A5 no send succeeds after the close");
  check_equal(channel.receive().value().message.opcode, 1, "defect A5 what was queued is still received");
  check_equal(channel.try_receive().value().message.opcode, 2, "defect A5 all of it");
  check_error(channel.receive(), kPeerGone, "defect A5 and then EPIPE, without waiting");
  check_error(channel.try_receive(), kPeerGone, "defect A5 for try_receive too");
  check_ok(channel.close_channel(), "A6 closing again changes nothing");
  const AsyncStatistics stats = channel.stats().value();
  check(stats.dropped == 0 && stats.sent == 2, "A7 a send after the close is not sent and not dropped");
  close();

  open(1);
  helper.start(note_receive);
  helper.settle();
  channel.close_channel().value();
  check(helper.wait() && outcome == kPeerGone, "A6 the close wakes whoever waits");
  close();
}

void last_of_a_kind() {
  open(4);
  const AsyncChannel sender = channel.duplicate(GRANARY_RIGHT_ASYNC_SEND).value();
  const AsyncChannel receiver = channel.duplicate(GRANARY_RIGHT_ASYNC_RECEIVE).value();
  check_error(sender.try_receive(), kNotPermitted, "defect A3 receiving without the right is EPERM");
  check_error(sender.close_channel(), kNotPermitted, "defect A3 closing without it too");
  check_error(receiver.send({}), kNotPermitted, "defect A3 sending without the right is EPERM");
  check_ok(sender.stats(), "A7 statistics need no right");
  channel.close().value();
  sender.send({1}).value();
  check_ok(sender.close(), "defect A5 the last handle that may send is closed");
  check_equal(receiver.receive().value().message.opcode, 1, "defect A5 what was sent is received");
  check_error(receiver.receive(), kPeerGone, "defect A5 then EPIPE");
  receiver.close().value();

  open(4);
  channel = channel.duplicate(GRANARY_RIGHT_ASYNC_RECEIVE).value();
  close();
  open(4);
  const AsyncChannel only_sender = channel.duplicate(GRANARY_RIGHT_ASYNC_SEND).value();
  only_sender.send({1}).value();
  check_ok(channel.close(), "defect A5 the last handle that may receive is closed");
  check_error(only_sender.send({2}), kPeerGone, "defect A5 sends are EPIPE from then on");
  only_sender.close().value();

  open(1);
  static AsyncChannel last_sender;
  last_sender = channel.duplicate(GRANARY_RIGHT_ASYNC_SEND).value();
  const AsyncChannel all = channel;
  channel = all.duplicate(GRANARY_RIGHT_ASYNC_RECEIVE).value();
  all.close().value();
  helper.start(note_receive);
  helper.settle();
  last_sender.close().value();
  check(helper.wait() && outcome == kPeerGone, "defect A5 the end of the last sender wakes whoever waits");
  close();
}

void statistics() {
  open(3);
  for (std::uint64_t i = 0; i < 3; ++i) channel.send({i}).value();
  channel.send({}).ignore();
  channel.try_receive().value();
  const AsyncStatistics stats = channel.stats().value();
  check_equal(stats.sent, 3, "A7 messages sent");
  check_equal(stats.received, 1, "A7 messages received");
  check_equal(stats.dropped, 1, "A7 messages dropped");
  check_equal(stats.deepest_queue, 3, "A7 deepest queue");
  check_equal(stats.queued, 2, "A7 current size");
  check_equal(stats.capacity, 3, "A7 capacity");
  close();
}

void subscribing() {
  open(4);
  const Notification word = Notification::create().value();
  const AsyncChannel sender = channel.duplicate(GRANARY_RIGHT_ASYNC_SEND).value();
  check_error(word.bind(sender, 1), kNotPermitted, "A5 subscribing needs the right to receive");
  check_ok(word.bind(channel, 0b10), "A5 a notification subscribes to a channel");
  check_error(word.bind(channel, 0b10), kExists, "A5 twice is EEXIST");
  check_error(word.wait(~0ull, do_not_block), kWouldBlock, "A5 nothing has happened yet");
  sender.send({1}).value();
  check_equal(word.wait(~0ull, do_not_block).value(), 0b10,
              "defect A6 a message sets the bits, which wait for a waiter");
  sender.send({2}).value();
  check_equal(word.wait(~0ull, do_not_block).value(), 0b10, "A5 each message does");
  check_equal(wait_any(do_not_block, channel).value(), 0, "A5 a channel with messages is ready for wait_any");
  channel.try_receive().value();
  channel.try_receive().value();
  check_error(wait_any(do_not_block, channel), kWouldBlock, "A5 an empty one is not");
  helper.start([] { got = 1 + wait_any(forever, channel).value(); });
  helper.settle();
  sender.send({3}).value();
  check(helper.wait() && got == 1, "A5 a send wakes who waits for any of several things");
  word.wait(~0ull, do_not_block).value();
  channel.try_receive().value();
  channel.close_channel().value();
  check_equal(word.wait(~0ull, 1s).value(), 0b10, "A6 the close is told to subscribers");
  check_equal(wait_any(do_not_block, channel).value(), 0,
              "defect A5 a closed channel is ready: nobody waits for it in vain");
  check_ok(word.unbind(channel), "defect A6 a subscription can be given up");
  sender.close().value();
  close();
  word.close().value();
}

constexpr std::uint64_t kEach = 2000;
std::atomic<int> senders_done = 0;
std::atomic<std::uint64_t> refused_sends = 0;

void many_senders() {
  open(16);
  std::uint64_t next[3] = {}, received = 0;
  bool good = true;
  senders_done.store(-3);  // go
  while (received < 3 * kEach) {
    const Result<Delivery> delivery = channel.receive(5s);
    if (!delivery) break;
    ++received;
    const std::uint64_t who = delivery->message.opcode;
    good = good && who < 3 && delivery->message.words[0] == next[who] && delivery->message.words[7] == ~next[who];
    if (who < 3) ++next[who];
  }
  check_equal(received, 3 * kEach, "A8 three threads send 2000 messages each, and none is lost or doubled");
  check(good, "A8 each sender's order is kept and no word is torn");
  const bool ended = eventually([] { return senders_done.load() == 0; });
  check(ended && channel.stats().value().dropped == refused_sends.load(), "A7 every refusal is counted, no other");
  close();
}

}  // namespace

extern "C" void sender_main(std::uint64_t) {
  static std::atomic<std::uint64_t> numbers = 0;
  const std::uint64_t who = numbers++;
  while (senders_done.load() >= 0) sleep_for(1ms);
  for (std::uint64_t i = 0; i < kEach; ++i) {
    Message message{who};
    message.words[0] = i;
    message.words[7] = ~i;
    while (!channel.send(message)) {
      ++refused_sends;
      yield();
    }
    if (i % 7 == who) yield();
  }
  ++senders_done;
  exit_thread();
}

int main() {
  creation();
  self_tests();
  sending_and_receiving();
  waiting();
  closing();
  last_of_a_kind();
  statistics();
  subscribing();
  many_senders();
  return finish();
}
