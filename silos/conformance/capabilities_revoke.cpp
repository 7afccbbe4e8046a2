// SPDX-License-Identifier: Apache-2.0
//
// Revoke across silos: subtrees, what is blocked through what ends, closing meanwhile.
#include "capabilities.hpp"
#include "helper.hpp"

namespace conformance {
namespace {

void subtree() {
  const Port root = Port::create().value();
  const auto child = alice.give(root, kSend | kPass | GRANARY_RIGHT_DUPLICATE | GRANARY_RIGHT_REVOKE);
  const std::uint64_t copy = alice.call(SystemCall::HANDLE_DUPLICATE, {.x0 = *child, .x3 = kSend | kPass}).x3;
  check(alice.status(SystemCall::PORT_SEND, {.x0 = friends::crowded_orders,
                                             .x1 = static_cast<std::uint64_t>(OrderKind::Take),
                                             .x2 = GRANARY_FLAG_TRANSFER,
                                             .x3 = kSend,
                                             .x4 = copy,
                                             .deadline = forever.ticks()}) == 0,
        "P12 what was received is sent on to a third silo");
  check_equal(alice.call(SystemCall::HANDLE_REVOKE, {.x0 = *child}).x3, 2,
              "E13 a revoke in the middle ends what is below it, in both silos");
  check(has(alice, *child) && root.info(), "E13 neither it nor what it came from");
  const std::uint64_t second = alice.call(SystemCall::HANDLE_DUPLICATE, {.x0 = *child, .x3 = kSend | kPass}).x3;
  alice.call(SystemCall::PORT_SEND, {.x0 = friends::crowded_orders,
                                     .x1 = static_cast<std::uint64_t>(OrderKind::Take),
                                     .x2 = GRANARY_FLAG_TRANSFER,
                                     .x3 = kSend,
                                     .x4 = second,
                                     .deadline = forever.ticks()});
  drop(alice, *child);
  check(has(alice, second), "E13 closing a capability does not end what came from it");
  check_equal(root.revoke().value(), 2, "E13 but it still belongs to what that came from");
  check(!has(alice, second), "E13 and a revoke of the root finds it, two silos away");
  const auto fresh = alice.give(root, kSend);
  check(fresh && *fresh != *child && *fresh != second, "E13 a place that is used again has another handle");
  root.close().value();
  check(send_through(alice, *fresh) == minus(kPeerGone),
        "N2 closing is no revoke: the other's capability stays, and tells");
  drop(alice, *fresh);
}

/// A peer blocks in `number` through what it was given; the revoke must end that.
void revoked_while_blocked(const Handle& object, std::uint64_t rights, SystemCall number, Order order,
                           const char* text) {
  const auto there = alice.give(object, rights);
  if (!there) {
    check_ok(there, text);
    return;
  }
  order.x0 = *there;
  if (number == SystemCall::WAIT_ANY) {
    order.x0 = 0;
    order.x1 = 1;
    order.x3 = *there | GRANARY_EVENT_READABLE;
  }
  if (order.deadline == 0) order.deadline = forever.ticks();
  alice.start(number, order);
  const auto ended = object.revoke();
  const Outcome outcome = alice.finish();
  check(ended && *ended >= 1 && outcome.status == minus(kRevoked), text);
  if (outcome.status != minus(kRevoked)) printf("# got %d\n", static_cast<int>(outcome.status));
}

void blocked() {
  const Port port = Port::create().value();
  revoked_while_blocked(port, kCall, SystemCall::PORT_CALL, {}, "B10 revoke ends a blocked call with ECANCELED");
  check_error(port.try_receive(), kWouldBlock, "B10 and its message is gone");
  const auto receiving = alice.give(port, kReceive);
  if (receiving && receives(alice, *receiving)) {
    drop(alice, *receiving);
    revoked_while_blocked(port, kReceive, SystemCall::PORT_RECEIVE, {}, "B10 and a blocked receive");
  } else {
    check(receiving.ok(), "B10 and a blocked receive");
    drop(alice, *receiving);
  }
  revoked_while_blocked(port, kReceive, SystemCall::WAIT_ANY, {}, "B10 and a wait for any");
  while (port.try_send({1})) {
  }
  revoked_while_blocked(port, kSend, SystemCall::PORT_SEND, {}, "B10 and a blocked send");
  check_equal(port.stats().value().queued, GRANARY_PORT_QUEUE_CAPACITY, "B10 what was queued stays");
  while (port.try_receive()) {
  }
  const auto there = alice.give(port, kCall);
  alice.start(SystemCall::PORT_CALL, {.x0 = *there, .deadline = forever.ticks()});
  auto request = port.receive(5s);
  check_ok(port.revoke(), "B10 a call that was taken is revoked");
  check(alice.finish().status == minus(kRevoked), "B10 its caller gets ECANCELED");
  if (request)
    check_error(Port::reply(std::move(request->token), {1}), kPeerGone, "B10 and its answer finds nobody: EPIPE");
  port.close().value();

  const Semaphore semaphore = Semaphore::create(0).value();
  revoked_while_blocked(semaphore, GRANARY_RIGHT_SEMAPHORE_WAIT, SystemCall::SEMAPHORE_WAIT, {},
                        "B10 and a wait for a semaphore");
  semaphore.close().value();
  const Notification notification = Notification::create().value();
  revoked_while_blocked(notification, GRANARY_RIGHT_NOTIFICATION_WAIT, SystemCall::NOTIFICATION_WAIT, {.x3 = 1},
                        "B10 and one for a notification");
  notification.close().value();
  const AsyncChannel async = AsyncChannel::create(8).value();
  revoked_while_blocked(async, GRANARY_RIGHT_ASYNC_RECEIVE, SystemCall::ASYNC_RECEIVE, {},
                        "B10 and a receive from an AsyncChan");
  async.close().value();
  const ChannelEnds ends = Channel::create(1).value();
  revoked_while_blocked(ends.first, GRANARY_RIGHT_CHANNEL_RECEIVE, SystemCall::CHAN_RECV, {},
                        "B10 and one from a channel");
  ends.first.try_send({1}).value();
  revoked_while_blocked(ends.first, GRANARY_RIGHT_CHANNEL_SEND, SystemCall::CHAN_SEND, {},
                        "B10 and a send to a channel");
  ends.first.close().value();
  ends.second.close().value();
}

Port shared_port;
std::atomic<std::int64_t> helper_saw;

void closing_under_revoke() {
  shared_port = Port::create().value();
  for (int i = 0; i < 30; ++i) static_cast<void>(shared_port.duplicate());
  helper_saw = 0;
  helper.start([] {
    helper_saw = -1;
    const auto ended = shared_port.revoke();
    helper_saw = ended ? static_cast<std::int64_t>(*ended) : minus(ended.error());
  });
  eventually([] { return helper_saw.load() != 0; });
  bool refused_or_after = true;
  while (!helper.is_idle()) {
    const auto closed = shared_port.close();
    if (closed) break;
    refused_or_after = refused_or_after && closed.error() == kBusy;
  }
  helper.wait();
  check(refused_or_after, "E13 while a revoke proceeds from it a capability cannot be closed: EBUSY");
  check_equal(static_cast<std::uint64_t>(helper_saw.load()), 30, "E13 thirty copies are revoked, in steps");
  static_cast<void>(shared_port.close());
  check_error(shared_port.info(), kBadHandle, "E13 and then it is closed");
  const Port port = Port::create().value();
  bool good = true;
  for (int i = 0; i < 50; ++i) {
    const auto there = port.grant_to(handles::alice, kSend);
    good = good && there && port.revoke().value() == 1;
  }
  check(good, "N2 fifty grants and revokes leave nothing behind");
  port.close().value();
}

}  // namespace

void revokes() {
  subtree();
  blocked();
  closing_under_revoke();
}

}  // namespace conformance
