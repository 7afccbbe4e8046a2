// SPDX-License-Identifier: Apache-2.0
//
// Waiting for any of several things, and binding them to a notification (defects A6 and C9). Manifest: quotas, a helper
// thread; `ears` observes `fleeting`, which ends after a while, and so does the other end of `wire`; `box` is a port of
// fleeting.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

Error outcome = Error(0);

template <typename T>
void note(const Result<T>& result) {
  outcome = result.ok() ? Error(0) : result.error();
}

Port port;
Channel here, there;
Notification word;
Semaphore gate;
std::uint64_t ready = 0;

void note_ready(const Result<Ready>& result) {
  ready = result.ok() ? result->places() : 0;
  note(result);
}

void arguments() {
  std::uint64_t set[8] = {port.value() | 1};
  std::uint64_t places;
  check_status(granary_wait_any(0, set, 0, &places), GRANARY_EINVAL, "C9 an empty set is EINVAL");
  check_status(granary_wait_any(9, set, 0, &places), GRANARY_EINVAL, "C9 and nine places");
  set[0] = port.value();
  check_status(granary_wait_any(1, set, 0, &places), GRANARY_EINVAL, "C9 and no event");
  set[0] = port.value() | 4;
  check_status(granary_wait_any(1, set, 0, &places), GRANARY_EINVAL, "C9 and an event that there is not");
  set[0] = 1;
  check_status(granary_wait_any(1, set, 0, &places), GRANARY_EBADF, "C9 no handle is EBADF");
  set[0] = word.value() | 2;
  check_status(granary_wait_any(1, set, 0, &places), GRANARY_EINVAL, "C9 a notification is never writable: EINVAL");
  set[0] = port.value() | 1;
  check_status(granary_wait_any(1, set, 0, &places), GRANARY_EAGAIN, "C9 nothing ready and deadline 0 is EAGAIN");
  check_status(granary_wait_any(1, set, 1, &places), GRANARY_ETIMEDOUT, "C9 and one in the past ETIMEDOUT");
  const Clock::time_point deadline = Clock::now() + 5ms;
  WaitSet one;
  one.add(port).value();
  check_error(one.wait(deadline), kTimedOut, "C9 a deadline ends it");
  check(Clock::now() >= deadline, "C9 and not a tick earlier");
}

void rights() {
  const auto refused = [](const Handle& handle, Events events) {
    WaitSet set;
    set.add(handle, events).value();
    return set.poll().error() == kNotPermitted;
  };
  const Port client = port.duplicate(GRANARY_RIGHT_PORT_SEND).value();
  check(refused(client, Events::Readable), "defect A3 readable of a port needs the right to receive");
  const Port server = port.duplicate(GRANARY_RIGHT_PORT_RECEIVE).value();
  check(refused(server, Events::Writable), "defect A3 writable of a port the right to send or call");
  const Channel sender = here.duplicate(GRANARY_RIGHT_CHANNEL_SEND).value();
  check(refused(sender, Events::Readable), "defect A3 readable of a channel the right to receive");
  const Notification signaller = word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL).value();
  check(refused(signaller, Events::Readable), "defect A3 a notification the right to wait");
  const Semaphore poster = gate.duplicate(GRANARY_RIGHT_SEMAPHORE_POST).value();
  check(refused(poster, Events::Readable), "defect A3 a semaphore the right to wait");
  check_error(word.bind(client, 1), kNotPermitted, "defect A3 and to bind the same");
  client.close().value();
  server.close().value();
  sender.close().value();
  signaller.close().value();
  poster.close().value();
}

void at_once() {
  WaitSet set;
  const unsigned port_place = set.add(port, Events::Readable).value();
  const unsigned end_place = set.add(here, Events::Readable).value();
  const unsigned word_place = set.add(word).value();
  const unsigned gate_place = set.add(gate).value();
  check_error(set.poll(), kWouldBlock, "C9 nothing is ready");
  there.try_send({}).value();
  check_equal(set.poll().value().places(), 1u << end_place, "C9 a channel with a message is ready");
  gate.post().value();
  check_equal(set.wait().value().places(), (1u << end_place) | (1u << gate_place),
              "C9 everything that is ready is told");
  check_equal(set.wait().value().places(), (1u << end_place) | (1u << gate_place), "C9 and nothing is taken");
  here.try_receive().value();
  gate.try_wait().value();
  word.signal(0b1).value();
  check(set.poll().value()[word_place], "C9 a notification with a bit is ready");
  word.try_wait().value();
  port.try_send({}).value();
  check(set.poll().value()[port_place], "C9 a port with a message is ready");
  port.try_receive().value();
  WaitSet room;
  room.add(port, Events::Writable).value();
  room.add(here, Events::Writable).value();
  check_equal(room.poll().value().places(), 0b11, "C9 both have room");
  check_equal(wait_any(10ms, word, gate).ok(), false, "C9 wait_any with a deadline");
}

void blocked() {
  static WaitSet set;
  set = WaitSet();
  for (const Handle& each : {Handle(port), Handle(here), Handle(word), Handle(gate)}) set.add(each).value();
  const auto wakes = [](auto event, std::uint64_t place) {
    helper.start([] { note_ready(set.wait()); });
    helper.settle();
    const bool was_blocked = !helper.is_idle();
    event();
    return was_blocked && helper.wait() && outcome == Error(0) && ready == place;
  };
  check(wakes([] { port.try_send({}).value(); }, 1), "C9 a message to a port wakes");
  check_ok(port.try_receive(), "C9 and is still there");
  check(wakes([] { there.try_send({}).value(); }, 2), "C9 a message in a channel wakes");
  here.try_receive().value();
  check(wakes([] { word.signal(2).value(); }, 4), "C9 a bit wakes");
  word.try_wait().value();
  check(wakes([] { gate.post().value(); }, 8), "C9 a count wakes");
  gate.try_wait().value();

  for (int i = 0; i < GRANARY_PORT_QUEUE_CAPACITY; ++i) port.try_send({}).value();
  here.try_send({}).value();
  here.try_send({}).value();
  set = WaitSet();
  set.add(port, Events::Writable).value();
  set.add(here, Events::Writable).value();
  check_error(set.poll(), kWouldBlock, "C9 a full port and a full channel are not writable");
  check(wakes([] { port.try_receive().value(); }, 1), "C9 a slot that becomes free wakes");
  port.try_send({}).value();
  check(wakes([] { there.try_receive().value(); }, 2), "C9 and room in a channel");
  there.try_receive().value();
  while (port.try_receive()) {
  }

  static Port copy;
  copy = port.duplicate().value();
  set = WaitSet();
  set.add(word).value();
  set.add(copy).value();
  helper.start([] { note_ready(set.wait()); });
  helper.settle();
  copy.close().value();
  check(helper.wait() && outcome == kPeerGone, "C9 closing a handle of the set ends the wait with EPIPE");
  set = WaitSet();
  for (int i = 0; i < 7; ++i) set.add(word).value();
  set.add(gate).value();
  helper.start([] { note_ready(set.wait()); });
  helper.settle();
  word.signal(1).value();
  check(helper.wait() && ready == 0x7f, "C9 an object that stands in several places is ready in all of them");
  word.try_wait().value();
}

void bindings() {
  check_ok(word.bind(port, 0b1), "A5 a port is bound to bits");
  check_error(word.bind(port, 0b1), kExists, "A5 twice is EEXIST");
  check_error(word.try_wait(), kWouldBlock, "A5 nothing has happened yet");
  port.try_send({}).value();
  check_equal(word.try_wait().value(), 0b1, "A5 a message sets the bits");
  check_error(word.try_wait(), kWouldBlock, "A5 once");
  port.try_send({}).value();
  check_equal(word.wait(0b1, 1s).value(), 0b1, "A5 and each further one again");
  check_ok(word.unbind(port), "A5 it is unbound");
  check_error(word.unbind(port), kNotFound, "A5 twice is ENOENT");
  port.try_send({}).value();
  check_error(word.try_wait(), kWouldBlock, "A5 and nothing is set any more");
  check_ok(word.bind(port, 0b100), "A5 what is there already");
  check_equal(word.try_wait().value(), 0b100, "A5 sets the bits at once");
  word.unbind(port).value();
  while (port.try_receive()) {
  }
  check_error(word.bind(word, 1), kInvalidArgument, "defect A6 a notification is not bound to one: EINVAL");
  check_error(word.bind(port, 0), kInvalidArgument, "defect A6 no bits are EINVAL");
  check_ok(word.bind(here, 0b1, Events::Both), "defect A6 both events of a channel's end");
  check_equal(word.try_wait().value(), 0b1, "defect A6 it has room already");
  check_ok(word.bind(gate, 0b10), "defect A6 a semaphore");
  check_error(word.bind(port, 0b1000, Events::Both), kQuotaExceeded, "defect A6 the quota ends it: EDQUOT");
  const Port copy = port.duplicate().value();
  check_ok(word.bind(copy, 0b1000), "defect A6 there is one left, made by a copy of a handle");
  copy.close().value();
  port.try_send({}).value();
  check_error(word.try_wait(), kWouldBlock, "defect A6 which goes with that copy");
  check_ok(word.bind(port, 0b1000), "defect A6 and so the quota is given back");
  word.try_wait().value();
  word.unbind(port).value();
  word.unbind(here).value();
  word.unbind(gate).value();
  while (port.try_receive()) {
  }
  const Notification given =
      word.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL | GRANARY_RIGHT_DUPLICATE | GRANARY_RIGHT_REVOKE).value();
  const Notification passed_on = given.duplicate(GRANARY_RIGHT_NOTIFICATION_SIGNAL).value();
  passed_on.bind(port, 0b1).value();
  word.bind(gate, 0b10).value();
  check_equal(given.revoke().value(), 1, "N2 a revoke of a right to signal");
  port.try_send({}).value();
  check_error(word.try_wait(), kWouldBlock, "N2 ends what was bound with it");
  check_error(word.unbind(port), kNotFound, "N2 altogether");
  gate.post().value();
  check_equal(word.try_wait().value(), 0b10, "N2 and leaves what was bound with another");
  word.unbind(gate).value();
  gate.try_wait().value();
  port.try_receive().value();
  given.close().value();
}

void async_channel() {
  const AsyncChannel channel = AsyncChannel::create(4).value();
  WaitSet set;
  set.add(channel).value();
  check_error(set.poll(), kWouldBlock, "A5 an empty AsyncChan is not ready");
  check_ok(word.bind(channel, 0b1), "A5 it is subscribed to");
  channel.send({}).value();
  check(set.poll().value()[0], "A5 with a message it is ready");
  check_equal(word.try_wait().value(), 0b1, "A5 and the subscriber is told");
  channel.try_receive().value();
  channel.close_channel().value();
  check_equal(word.wait(0b1, 1s).value(), 0b1, "A5 the subscriber is told of the close");
  check(set.poll().value()[0], "defect A5 a closed one is ready");
  check_error(channel.try_receive(), kPeerGone, "defect A5 to say EPIPE");
  channel.close().value();
  check_error(word.unbind(channel), kBadHandle, "defect A6 and the subscription has gone with the handle");
}

void revoked() {
  static WaitSet set;
  static Semaphore derived;
  derived = gate.duplicate(GRANARY_RIGHT_SEMAPHORE_WAIT).value();
  set = WaitSet();
  set.add(derived).value();
  helper.start([] { note_ready(set.wait()); });
  helper.settle();
  std::uint64_t ended = 0;
  check_status(granary_handle_revoke(gate.value(), &ended), GRANARY_OK, "C9 what was derived is revoked");
  check(helper.wait() && outcome == kRevoked, "C9 a wait through it ends with ECANCELED");
  check_equal(ended, 1, "C9 (one handle)");
}

void ends() {
  const Notification waiter = word.duplicate(GRANARY_RIGHT_NOTIFICATION_WAIT).value();
  word.bind(gate, 0b1).value();
  word.close().value();
  gate.post().value();
  check_equal(waiter.wait(0b1, 1s).value(), 0b1, "C9 what is bound can signal when no handle can any more");
  gate.close().value();
  check_error(waiter.wait(0b1, 2s), kPeerGone, "C9 when that is gone too: EPIPE");
  check_ok(waiter.close(), "(closed)");
  static WaitSet set;
  set = WaitSet();
  set.add(port).value();
  helper.start([] { note_ready(set.wait()); });
  helper.settle();
  port.destroy().value();
  check(helper.wait() && outcome == Error(0) && ready == 1, "C9 a port that is destroyed is ready");
  check_error(port.try_receive(), kPeerGone, "C9 to say EPIPE");
  set = WaitSet();
  set.add(there).value();
  helper.start([] { note_ready(set.wait()); });
  helper.settle();
  here.close().value();
  check(helper.wait() && outcome == Error(0) && ready == 1, "C9 a channel whose other end goes is ready");
  check_error(there.try_receive(), kPeerGone, "C9 to say EPIPE");
}

void another_silo() {
  word = Notification::create().value();
  WaitSet set;
  const unsigned silo_place = set.add(handles::fleeting).value();
  check_error(set.poll(), kWouldBlock, "C9 a silo that runs is not ready");
  check_ok(word.bind(handles::fleeting, 0b1), "A5 its end is bound to bits");
  check_ok(word.bind(handles::wire, 0b10), "A5 and the channel to it");
  handles::wire.send({}).value();
  const Result<Ready> gone = set.wait(5s);
  check(gone.ok() && (*gone)[silo_place], "C9 a silo that stops is ready");
  check(!handles::fleeting.status().value().running(), "C9 and has stopped");
  check_equal(word.wait(0b1, 1s).value(), 0b1, "A5 its end sets the bits");
  check_equal(word.wait(0b10, 1s).value(), 0b10, "A5 and the end of the channel's other end sets its own");
  check_error(handles::wire.try_receive(), kPeerGone, "C9 which says EPIPE");
  word.unbind(handles::fleeting).value();
  check_ok(word.bind(handles::fleeting, 0b100), "A5 what has ended already");
  check_equal(word.try_wait(0b100).value(), 0b100, "A5 sets the bits at once");
}

}  // namespace

int main() {
  port = Port::create().value();
  const ChannelEnds ends_of_channel = Channel::create(2).value();
  here = ends_of_channel.first;
  there = ends_of_channel.second;
  word = Notification::create().value();
  gate = Semaphore::create(0).value();
  arguments();
  rights();
  at_once();
  blocked();
  bindings();
  async_channel();
  revoked();
  ends();
  another_silo();
  return finish();
}
