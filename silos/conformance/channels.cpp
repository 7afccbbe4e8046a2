// SPDX-License-Identifier: Apache-2.0
//
// SyncChan (the checklist's S1 to S10): bounds, order, blocking both ways, the end of an end, statistics, the
// sender's badge. Manifest: quota for channels and 2064 messages, a helper thread; `duplex` between this silo and
// itself is not needed: the silo creates its own. `one_way` comes from channels_peer, which sends ten messages on it
// and ends.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Channel here, there;  // the two ends of the current group of checks
Error outcome = Error(0);

template <typename T>
void note(const Result<T>& result) {
  outcome = result.ok() ? Error(0) : result.error();
}

void open(std::uint64_t capacity) {
  const ChannelEnds ends = Channel::create(capacity).value();
  here = ends.first;
  there = ends.second;
}
void close() {
  here.close().ignore();
  there.close().ignore();
}

void creation() {
  check_error(Channel::create(0), kInvalidArgument, "S1: a capacity of 0 is EINVAL");
  check_error(Channel::create(1025), kInvalidArgument, "S1: 1025 is too");
  check_error(Channel::create(~0ull), kInvalidArgument, "S1: and all ones");
  open(1024);
  check_equal(here.stats().value().capacity, 1024, "S1: 1024 is possible");
  check_equal(here.info().value().rights,
              GRANARY_RIGHT_CHANNEL_SEND | GRANARY_RIGHT_CHANNEL_RECEIVE | GRANARY_RIGHT_CHANNEL_TRANSFER |
                  GRANARY_RIGHT_DUPLICATE | GRANARY_RIGHT_GRANT | GRANARY_RIGHT_REVOKE,
              "S1: the creator gets both ends with every right");
  bool all = true;
  for (std::uint64_t i = 0; i < 1024; ++i) all = here.try_send({i}).ok() && all;
  check(all, "S2: it takes 1024 messages");
  check_error(here.try_send({}), kWouldBlock, "S5: and not one more");
  bool in_order = true;
  for (std::uint64_t i = 0; i < 1024; ++i) {
    const Result<Delivery> delivery = there.try_receive();
    in_order = in_order && delivery.ok() && delivery->message.opcode == i;
  }
  check(in_order, "S2: and gives them back in order");
  close();
  open(1);
  check_ok(here.try_send({1}), "S1: a capacity of 1");
  check_error(here.try_send({2}), kWouldBlock, "S5: is full with one");
  close();
}

void both_ways() {
  open(4);
  check_ok(here.try_send(numbered_message(1)), "end 0 sends");
  check_ok(there.try_send(numbered_message(2)), "end 1 sends");
  const Result<Delivery> at_there = there.try_receive();
  check(at_there.ok() && at_there->message == numbered_message(1), "S2: each receives what the other sent, whole");
  const Result<Delivery> at_here = here.try_receive();
  check(at_here.ok() && at_here->message == numbered_message(2), "S2: in both directions");
  check_error(here.try_receive(), kWouldBlock, "S5: nobody receives what he sent himself");
  close();
}

void blocking() {
  open(2);
  here.try_send({1}).value();
  here.try_send({2}).value();
  helper.start([] { note(here.send({3})); });
  helper.settle();
  check(!helper.is_idle(), "S2: a send waits while the channel is full");
  check_ok(there.receive(), "S2: the other end receives");
  check(helper.wait() && outcome == Error(0), "S2: and the sender goes on");
  check_equal(there.receive().value().message.opcode, 2, "S2: order is kept");
  check_equal(there.receive().value().message.opcode, 3, "S2: the waiting message comes last");
  helper.start([] { note(there.receive()); });
  helper.settle();
  check(!helper.is_idle(), "S2: a receive waits while it is empty");
  check_ok(here.send({4}), "S2: the other end sends");
  check(helper.wait() && outcome == Error(0), "S2: and the receiver goes on");
  const Clock::time_point deadline = Clock::now() + 5ms;
  check_error(there.receive(deadline), kTimedOut, "a receive with a deadline waits for it");
  check(Clock::now() >= deadline, "and not a tick less");
  close();
}

void the_other_end_goes() {
  open(4);
  here.try_send({1}).value();
  here.try_send({2}).value();
  there.try_send({3}).value();
  check_ok(here.close(), "S7: one end is closed");
  check_error(there.try_send({}), kPeerGone, "S3: try_send from the other end is EPIPE");
  check_error(there.send({}), kPeerGone, "S3: send too, without waiting");
  check_equal(there.receive().value().message.opcode, 1, "S4: what was queued is still received");
  check_equal(there.try_receive().value().message.opcode, 2, "S4: all of it");
  check_error(there.receive(), kPeerGone, "S4: and then EPIPE");
  check_error(there.try_receive(), kPeerGone, "S5: for try_receive too");
  const ChannelStatistics stats = there.stats().value();
  check(stats.this_end_alive && !stats.other_end_alive, "S8: statistics tell which end is alive");
  check_equal(stats.discarded, 1, "S3: what was on its way to the closed end is counted as discarded");
  check_error(here.close(), kBadHandle, "S6: closing twice is EBADF");
  check_ok(there.close(), "(closed)");

  open(1);
  here.try_send({}).value();
  helper.start([] { note(here.send({})); });
  helper.settle();
  there.close().value();
  check(helper.wait() && outcome == kPeerGone, "S3: a blocked sender is woken with EPIPE");
  here.close().value();

  open(1);
  helper.start([] { note(here.receive()); });
  helper.settle();
  there.close().value();
  check(helper.wait() && outcome == kPeerGone, "S6: and a blocked receiver");
  here.close().value();

  open(1);
  const Channel second = there.duplicate().value();
  there.close().value();
  check_ok(here.try_send({8}), "S7: an end lives as long as one handle names it");
  check_equal(second.receive().value().message.opcode, 8, "S7: and works by that");
  second.close().value();
  check_error(here.try_send({}), kPeerGone, "S7: the last one ends it");
  here.close().value();

  open(1);
  static Channel another;
  another = there.duplicate().value();
  helper.start([] { note(another.receive()); });
  helper.settle();
  another.close().value();
  check(helper.wait() && outcome == kPeerGone, "S7: closing a handle ends the receive that is blocked through it");
  check_ok(here.try_send({}), "S7: and the channel lives on by the others");
  close();

  open(1);
  there.close().value();
  check_error(here.receive(), kPeerGone, "the only end left does not wait for itself");
  here.close().value();
}

void rights_and_statistics() {
  open(3);
  const Channel sender = here.duplicate(GRANARY_RIGHT_CHANNEL_SEND).value();
  const Channel receiver = there.duplicate(GRANARY_RIGHT_CHANNEL_RECEIVE).value();
  check_error(sender.try_receive(), kNotPermitted, "S10: receiving without the right is EPERM");
  check_error(receiver.try_send({}), kNotPermitted, "S10: sending without the right is EPERM");
  check_ok(sender.try_send({1}), "sending with it works");
  check_ok(sender.try_send({2}), "(twice)");
  check_ok(receiver.try_receive(), "receiving with it works");
  const ChannelStatistics mine = here.stats().value(), other = there.stats().value();
  check(mine.sent == 2 && mine.queued_there == 1 && mine.queued_here == 0, "S8: the sender's statistics");
  check(other.received == 1 && other.queued_here == 1 && other.queued_there == 0, "S8: the receiver's");
  check_equal(mine.deepest_queue, 2, "S8: the deepest queue");
  sender.close().value();
  receiver.close().value();
  close();
}

void from_another_silo() {
  const Result<Delivery> first = handles::one_way.receive(2s);
  check(first.ok() && first->message == numbered_message(0), "a message from another silo, whole");
  const std::uint64_t badge = first ? first->badge : 0;
  check(badge != 0, "S9: the kernel stamps the sender's badge");
  bool all = true;
  for (std::uint64_t i = 1; i < 10; ++i) {
    const Result<Delivery> delivery = handles::one_way.receive(2s);
    all = all && delivery.ok() && delivery->message == numbered_message(i) && delivery->badge == badge;
  }
  check(all, "all ten, in order, with the same badge: what the sender writes into its message does not change it");
  check_error(handles::one_way.receive(2s), kPeerGone,
              "when the sending silo has ended: EPIPE, after the last message");
  check_error(handles::one_way.try_send({}), kNotPermitted, "the receiving end of a one-way channel cannot send");
}

}  // namespace

int main() {
  creation();
  both_ways();
  blocking();
  the_other_end_goes();
  rights_and_statistics();
  from_another_silo();
  return finish();
}
