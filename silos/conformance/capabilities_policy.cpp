// SPDX-License-Identifier: Apache-2.0
//
// What decides about capabilities from outside: names, labels, the flow policy, and what a silo gives up itself.
#include "capabilities.hpp"

namespace conformance {
namespace {

void names() {
  check_error(connect("nothing"), kNotFound, "P11 a name that the manifest does not know is ENOENT");
  check_error(connect("log", 10ms), kForbiddenFlow, "P11 one that is not for this silo is EACCES");
  check_error(connect("other", do_not_block), kWouldBlock, "P11 not published: EAGAIN to who does not wait");
  check_error(connect("other", 10ms), kTimedOut, "P11 and a deadline ends the wait");
  check_error(connect("far too long a name for any that there could be in a manifest", 10ms), kInvalidArgument,
              "P11 a name of more than 31 bytes is EINVAL");
  const Port port = Port::create().value();
  check_error(publish("other", port), kNotPermitted, "P11 another silo's name cannot be published");
  check_error(publish("nothing", port), kNotFound, "P11 nor one that is none");
  check_error(unpublish("log"), kNotFound, "P11 nor taken back while it is free");
  const Port poor = port.duplicate(kReceive | kPass).value();
  check_error(publish("log", poor), kNotPermitted, "P11 what cannot be sent to cannot be published");
  poor.close().value();
  const std::uint64_t log = 0x676f6c;
  alice.start(SystemCall::NAME_CONNECT, {.x3 = log, .deadline = forever.ticks()});
  check_ok(publish("log", port), "P11 a port is published");
  const Outcome waited = alice.finish();
  check(waited.status == 0 && waited.x3 != 0, "P11 who had waited for it is connected");
  const Outcome later = alice.call(SystemCall::NAME_CONNECT, {.x3 = log});
  check(later.status == 0 && later.x3 != waited.x3, "P11 and who comes later at once");
  check_equal(rights_of(alice, later.x3), kSend | kCall | GRANARY_RIGHT_DUPLICATE,
              "C4 a connection may send and call, and not receive");
  check(alice.status(SystemCall::PORT_TRY_RECEIVE, {.x0 = later.x3}) == minus(kNotPermitted),
        "C4 a client cannot take others' requests");
  check(send_through(alice, later.x3) == 0, "P11 a message goes through it");
  const auto request = port.receive(1s);
  check(request && request->badge == 77, "P11 with the badge of the manifest");
  check_error(publish("log", port), kExists, "P11 a name is published once");
  check(alice.status(SystemCall::NAME_UNPUBLISH, {.x3 = log}) == minus(kNotPermitted),
        "P11 another silo cannot take it back");
  check_ok(unpublish("log"), "P11 its publisher can");
  check(send_through(alice, later.x3) == 0, "P11 what is connected stays");
  check(alice.status(SystemCall::NAME_CONNECT, {.x3 = log}) == minus(kWouldBlock), "P11 nobody new comes");
  publish("log", port).value();
  check_equal(port.revoke().value(), 3, "E13 a revoke ends the connections, and the name");
  check(send_through(alice, later.x3) == minus(kBadHandle), "E13 in the other silo");
  check_ok(publish("log", port), "C4 the name is free again");
  port.destroy().value();
  check(eventually([&] { return alice.status(SystemCall::NAME_CONNECT, {.x3 = log}) == minus(kWouldBlock); }),
        "C4 a port that ends frees its name");
  port.close().value();
  const Port again = Port::create().value();
  check_ok(publish("log", again), "C4 so a server that comes again publishes it again");
  unpublish("log").value();
  again.close().value();

  const std::uint64_t life = 0x6566696c;
  const std::uint64_t theirs = mortal.call(SystemCall::PORT_CREATE).x3;
  check(mortal.status(SystemCall::NAME_PUBLISH, {.x0 = theirs, .x3 = life}) == 0, "P11 another silo publishes");
  const auto connected = connect("life", 1s);
  check_ok(connected, "P11 and this one connects");
  mortal.end();
  check(connected && eventually([&] { return connected->try_send({1}).error() == kPeerGone; }),
        "C4 a dead server's connections say so");
  check(eventually([] { return connect("life", do_not_block).error() == kWouldBlock; }), "C4 and its name is free");
}

void labels() {
  check_equal(alice.arrival().x6, kOwnLabel, "N8 a call carries the label of its silo");
  const auto reply = handles::alice_orders.call_accepting({static_cast<std::uint64_t>(OrderKind::Take)}, 5s);
  check_equal(reply ? reply->label().value : 0, kFriendsLabel, "N8 so does the reply");
  const Label label = reply ? reply->label() : Label{};
  check(label.tier() == 2 && label.family() == 3 && label.compartment() == 1234,
        "N8 tier, family and compartment are told apart");
  alice.call(SystemCall::PORT_TRY_SEND, {.x0 = friends::inbox});
  const auto queued = handles::inbox.receive(1s);
  check(queued && queued->label().value == kFriendsLabel && queued->badge == 42, "N8 a message that was queued");
  Order order = {};
  order.number = static_cast<std::uint64_t>(SystemCall::PORT_TRY_SEND);
  order.x0 = friends::inbox;
  alice.port().send(Message::of(static_cast<std::uint64_t>(OrderKind::Call), order)).value();
  check_equal(handles::inbox.receive(5s).value().label().value, kFriendsLabel, "N8 one that was waited for");
  alice.call(SystemCall::CHAN_TRY_SEND, {.x0 = friends::plain});
  check_equal(handles::plain.receive(1s).value().label().value, kFriendsLabel, "N8 one of a channel");
  alice.call(SystemCall::ASYNC_SEND, {.x0 = friends::news});
  check_equal(handles::news.receive(1s).value().label().value, kFriendsLabel, "N8 one of an AsyncChan");
  Batch batch;
  alice.call(SystemCall::ASYNC_SEND, {.x0 = friends::news});
  check(handles::news.receive_batch(batch, 1s) && batch.take(0).label().value == kFriendsLabel,
        "N8 and in the message page, of an AsyncChan");
  alice.call(SystemCall::PORT_TRY_SEND, {.x0 = friends::inbox});
  check(handles::inbox.receive_batch(batch, 1s) && batch.take(0).label().value == kFriendsLabel, "N8 and of a port");
  const auto there = alice.give(handles::inbox, kSend);
  send_through(alice, *there);
  check_equal(handles::inbox.receive(1s).value().label().value, kFriendsLabel,
              "N8 the label is the sender's, whoever the capability came from");
  drop(alice, *there);
  check_equal(
      handles::alice_orders.call({static_cast<std::uint64_t>(OrderKind::Call), {0}}, 5s).value().as<Outcome>().label, 0,
      "N8 a call that is no message has none");
}

void flow() {
  const Port port = Port::create().value();
  check_error(stranger.give(port, kSend), kForbiddenFlow,
              "N8 a silo that may not reach this one gets no capability to send: EACCES");
  check_error(port.grant_to(handles::stranger, kCall), kForbiddenFlow, "N8 nor by a grant");
  check_ok(port.grant_to(handles::stranger, kReceive), "N8 the direction that is allowed is given");
  check_error(alice.give(port, kSend), kForbiddenFlow,
              "N8 who ever received counts: a third silo may not reach that one");
  publish("log", port).value();
  check(alice.status(SystemCall::NAME_CONNECT, {.x3 = 0x676f6c}) == minus(kForbiddenFlow), "N8 nor connect");
  unpublish("log").value();
  check_ok(alice.give(port, kReceive), "N8 but it may receive");
  port.revoke().value();
  check_error(alice.give(port, kSend), kForbiddenFlow, "N8 and a revoke does not make it forgotten");
  port.close().value();
  const Region region = Region::create(1).value();
  check_error(stranger.give(region, GRANARY_RIGHT_REGION_WRITE), kForbiddenFlow, "N8 memory is a way as well");
  check_ok(stranger.give(region, GRANARY_RIGHT_REGION_READ), "N8 to read is the direction that is allowed");
  region.close().value();
  const Notification notification = Notification::create().value();
  check_error(stranger.give(notification, GRANARY_RIGHT_NOTIFICATION_SIGNAL), kForbiddenFlow,
              "N8 a bit is a way as well");
  notification.close().value();
}

void pledges() {
  const std::uint64_t own = pledger.call(SystemCall::PORT_CREATE).x3;
  const std::uint64_t region = pledger.call(SystemCall::REGION_CREATE, {.x3 = 1}).x3;
  using enum abi::Pledge;
  const auto pledge_to = [](std::uint64_t keep) { return pledger.call(SystemCall::SILO_PLEDGE, {.x1 = keep}); };
  const std::uint64_t keep = Print | Observe | Map;
  const Outcome first = pledge_to(keep);
  check(first.status == 0 && first.x3 == keep, "N9 a pledge says what is left");
  check(pledger.status(SystemCall::PORT_CREATE) == minus(kNotPermitted), "N9 what is given up is EPERM: creation");
  check(pledger.status(SystemCall::REGION_CREATE, {.x3 = 1}) == minus(kNotPermitted), "N9 of every kind");
  check(pledger.status(SystemCall::HANDLE_DUPLICATE, {.x0 = own, .x3 = kSend}) == minus(kNotPermitted),
        "N9 duplicating");
  check(pledger.status(SystemCall::NAME_CONNECT, {.x3 = 0x726568746f}) == minus(kNotPermitted), "N9 connecting");
  check(pledger.status(SystemCall::PORT_TRY_SEND, {.x0 = own, .x2 = GRANARY_FLAG_TRANSFER, .x3 = kSend, .x4 = own}) ==
            minus(kNotPermitted),
        "N9 sending a capability along");
  check(pledger.status(SystemCall::PORT_TRY_SEND, {.x0 = own}) == 0, "N9 messages without one still go");
  check(pledger.status(SystemCall::SILO_STATUS, {.x0 = at(3)}) == 0, "N9 what is kept still works: observing");
  check(pledger.status(SystemCall::REGION_MAP, {.x0 = region, .x3 = 1}) == 0, "N9 mapping");
  pledger.start(SystemCall::PORT_CREATE);
  check(pledger.finish().status == minus(kNotPermitted), "N9 a pledge is for all threads of the silo");
  check(pledge_to(keep | Create).status == minus(kNotPermitted), "N9 what is given up does not come back");
  check(pledge_to(static_cast<std::uint64_t>(Print) | Create).status == minus(kNotPermitted) &&
            pledger.status(SystemCall::REGION_MAP, {.x0 = region, .x3 = 1}) == 0,
        "N9 and a pledge that is refused changes nothing");
  check(pledge_to(static_cast<std::uint64_t>(Print)).x3 == static_cast<std::uint64_t>(Print),
        "N9 more can be given up");
  check(pledger.status(SystemCall::SILO_STATUS, {.x0 = at(3)}) == minus(kNotPermitted) &&
            pledger.status(SystemCall::REGION_MAP, {.x0 = region, .x3 = 1}) == minus(kNotPermitted),
        "N9 observing and mapping then");
  check(pledge_to(0).status == 0 &&
            pledger.status(SystemCall::CONSOLE_WRITE, {.x0 = kConsole, .x1 = 1, .x3 = 'x'}) == minus(kNotPermitted),
        "N9 in the end everything, and it still answers");
  const Port gift = Port::create().value();
  check(pledger.give(gift, 0) && gift.grant_to(handles::alice, kSend), "N9 others' calls do not depend on it");
  gift.close().value();
}

}  // namespace

void policies() {
  names();
  labels();
  flow();
  pledges();
}

}  // namespace conformance
