// SPDX-License-Identifier: Apache-2.0
//
// Capabilities across silos: transfer, grant, revoke, names, labels, flow policy, pledges. The other sides are peers
// that do what is ordered (remote.hpp); who may reach whom is in silos/systems/conformance_capabilities.toml.
#include "handles.hpp"
#include "helper.hpp"
#include "remote.hpp"

using namespace conformance;
using abi::SystemCall;

namespace {

constexpr Remote alice(handles::alice_orders);
constexpr Remote stranger(handles::stranger_orders);
constexpr Remote crowded(handles::crowded_orders);
constexpr Remote pledger(handles::pledger_orders);
constexpr Remote mortal(handles::mortal_orders);

constexpr std::uint64_t kSend = GRANARY_RIGHT_PORT_SEND, kCall = GRANARY_RIGHT_PORT_CALL;
constexpr std::uint64_t kReceive = GRANARY_RIGHT_PORT_RECEIVE, kPass = GRANARY_RIGHT_GRANT;
constexpr std::uint64_t kOwnLabel = 1 | 1 << 8 | 7 << 16;
constexpr std::uint64_t kFriendsLabel = 2 | 3 << 8 | 1234 << 16;

/// The peer's handles of the manifest, in its table's order: console, ports, channels, what is shared.
constexpr std::uint64_t at(std::uint32_t slot) { return abi::make_manifest_handle(slot); }
constexpr std::uint64_t kConsole = at(1);
namespace friends {
constexpr std::uint64_t crowded_orders = at(3), inbox = at(5), pipe = at(6), plain = at(7), news = at(8);
}

std::uint64_t rights_of(const Remote& peer, std::uint64_t handle) {
  const Outcome info = peer.call(SystemCall::HANDLE_INFO, {.x0 = handle});
  return info.status == 0 ? info.x4 : 0;
}
bool has(const Remote& peer, std::uint64_t handle) { return peer.status(SystemCall::HANDLE_INFO, {.x0 = handle}) == 0; }
std::int64_t send_through(const Remote& peer, std::uint64_t handle) {
  return peer.status(SystemCall::PORT_TRY_SEND, {.x0 = handle, .x1 = 5});
}
void drop(const Remote& peer, std::uint64_t handle) { peer.call(SystemCall::HANDLE_CLOSE, {.x0 = handle}); }

void transfer() {
  const Port gift = Port::create().value();
  const auto there = alice.give(gift, kSend);
  check_ok(there, "P12 a call brings a capability to another silo");
  check_equal(rights_of(alice, *there), kSend, "P12 C5 with the rights that were given and no others");
  check(send_through(alice, *there) == 0 && gift.try_receive(), "P12 it works there");
  check(alice.status(SystemCall::PORT_TRY_RECEIVE, {.x0 = *there}) == minus(kNotPermitted),
        "C4 a right that was not given is EPERM");
  drop(alice, *there);

  const Outcome kept = alice.call(
      SystemCall::PORT_SEND,
      {.x0 = friends::inbox, .x2 = GRANARY_FLAG_TRANSFER, .x3 = GRANARY_RIGHT_CONSOLE_WRITE, .x4 = kConsole});
  check(kept.status == minus(kNotPermitted), "C5 without Grant nothing is sent along: EPERM");
  check(!handles::inbox.try_receive(), "E14 and no message arrives");

  const std::uint64_t own = alice.call(SystemCall::PORT_CREATE).x3;
  check(alice.status(SystemCall::PORT_SEND,
                     {.x0 = friends::inbox, .x2 = GRANARY_FLAG_TRANSFER, .x3 = kSend | kCall, .x4 = own}) == 0,
        "P12 a send takes a capability along");
  check(alice.status(SystemCall::HANDLE_CLOSE, {.x0 = own}) == 0, "C5 the sender closes its own");
  const auto request = handles::inbox.receive(5s);
  check(request && request->capability().rights == (kSend | kCall), "C5 it was taken at the send, and arrives");
  if (request) {
    check_error(request->capability().as<Port>().try_send({1}), kPeerGone,
                "C5 and it is the same port, which has ended");
    request->capability().as<Port>().close().value();
  }

  const std::uint64_t second = alice.call(SystemCall::PORT_CREATE).x3;
  const auto reply = alice.get(second, kSend | kPass);
  check(reply && reply->capability().rights == (kSend | kPass), "P12 a reply brings a capability");
  check(reply && reply->capability().as<Port>().try_send({9}).ok() &&
            alice.call(SystemCall::PORT_TRY_RECEIVE, {.x0 = second}).status == 0,
        "P12 and it leads to the server's port");
  if (reply) reply->capability().as<Port>().close().value();
  Order give = {};
  give.x0 = second;
  give.x3 = kSend;
  const auto refused = handles::alice_orders.call(Message::of(static_cast<std::uint64_t>(OrderKind::Give), give), 5s);
  check(refused && refused->as<Outcome>().status == minus(kNotPermitted),
        "E14 a caller that accepts none gets none: EPERM, and its call is still answered");
  drop(alice, second);

  check_ok(handles::pipe.send_with({3, {1, 2, 3, 4, 5, 6}}, gift, kSend), "P12 a channel takes a capability along");
  const Outcome got = alice.call(SystemCall::CHAN_RECV, {.x0 = friends::pipe});
  check(got.status == 0 && (got.x2 & GRANARY_FLAG_TRANSFER) != 0 && got.x3 == 1,
        "P12 and it is received, with eight words");
  // The handle lies in X12, which orders do not tell: a message of four words has it in X6.
  check_ok(handles::pipe.send_with({3}, gift, kSend), "P12 again with two words of data");
  const Outcome again = alice.call(SystemCall::CHAN_RECV, {.x0 = friends::pipe});
  check(again.status == 0 && again.x5 == kSend && send_through(alice, again.x6) == 0 && gift.try_receive(),
        "P12 the handle and its rights are in the last words");

  check_error(handles::plain.send_with({3}, gift, kSend), kNotPermitted, "C5 a channel without `transfer` takes none");
  check_error(handles::deaf.send_with({3}, gift, kSend), kNotPermitted,
              "C5 nor does a port through a client without it");
  check_error(handles::deaf.call_with({3}, gift, kSend, 1s), kNotPermitted, "C5 nor by a call");
  check_error(handles::alice_orders.send_with({4}, gift, GRANARY_RIGHT_CHANNEL_SEND), kNotPermitted,
              "C5 a right that the sender lacks cannot be given");
  check_error(handles::alice_orders.send_with({4}, Handle(0x12345640), kSend), kBadHandle,
              "C5 a handle that is none is EBADF");
  const Port weak = gift.duplicate(kSend | kCall).value();
  check_error(handles::alice_orders.send_with({4}, weak, kSend), kNotPermitted, "C5 a capability without Grant stays");
  check_error(handles::alice_orders.send_with({4, {0, 0, 0, 0, 0, 0, 1}}, gift, kSend), kInvalidArgument,
              "P12 the words of the capability cannot carry data");
  const AsyncChannel async = AsyncChannel::create(8).value();
  granary_message wire{};
  wire.flags = GRANARY_FLAG_TRANSFER;
  wire.word[2] = kSend;
  wire.word[3] = gift.value();
  check_status(granary_async_send(async.value(), &wire), GRANARY_EINVAL, "P12 an AsyncChan takes none: EINVAL");
  async.close().value();
  weak.close().value();

  check(alice.status(SystemCall::PORT_RECEIVE, {.x0 = at(4), .deadline = 0}) == minus(kWouldBlock),
        "E14 of all those refused nothing arrived");
  check_equal(gift.revoke().value(), 2, "E13 what was transferred is derived: a revoke finds it");
  gift.close().value();
}

void quota() {
  const Port box = Port::create().value();
  const Port gift = Port::create().value();
  bool all = true;
  for (int i = 0; i < 4; ++i) all = all && box.send_with({1}, gift, kSend).ok();
  check(all, "C5 as many capabilities as the quota says are on their way at a time");
  check_error(box.send_with({1}, gift, kSend), kQuotaExceeded, "E14 one more is EDQUOT");
  check_equal(box.stats().value().queued, 4, "E14 and is not sent");
  const auto first = box.receive(1s);
  check(first && first->capability(), "P12 a silo can send one to itself");
  check_ok(box.send_with({1}, gift, kSend), "C5 what is received is no longer on its way");
  check_equal(gift.revoke().value(), 5, "E13 a revoke ends those in flight too");
  bool without = true;
  for (int i = 0; i < 4; ++i) {
    const auto request = box.receive(1s);
    without = without && request && !request->capability() && request->message.opcode == 1;
  }
  check(without, "E13 their messages arrive without them");
  check_ok(box.send_with({1}, gift, kSend), "C5 and the quota is back");
  box.destroy().value();
  box.close().value();
  check(eventually([&] { return gift.revoke().value() == 0; }), "C5 a port that goes with its messages drops theirs");
  gift.close().value();
}

void full_table() {
  const Port gift = Port::create().value();
  std::uint64_t last = 0;
  int made = 0;
  for (;; ++made) {
    const Outcome copy =
        crowded.call(SystemCall::HANDLE_DUPLICATE, {.x0 = kConsole, .x3 = GRANARY_RIGHT_CONSOLE_WRITE});
    if (copy.status != 0) break;
    last = copy.x3;
  }
  check(made > 0 && made < 8, "E14 a table of eight is full");
  check_error(gift.grant_to(handles::crowded, kSend), kTableFull, "N2 E14 a grant into a full table is ENOSPC");
  check_error(handles::crowded_orders.call_with({static_cast<std::uint64_t>(OrderKind::Take)}, gift, kSend, 30ms),
              kTimedOut, "E14 a receiver without room does not lose the message: the call waits");
  sleep_for(5ms);
  check_equal(gift.revoke().value(), 0, "C5 the deadline took back what it brought");
  // While it is full, plain messages go on. Then one is freed, and the same works.
  drop(crowded, last);
  const auto there = crowded.give(gift, kSend);
  check(there && *there != 0, "E14 with room it arrives");
  check_equal(gift.revoke().value(), 1, "N2 and is revoked there");
  check_ok(gift.grant_to(handles::crowded, kSend), "N2 its place is free again");
  check_equal(gift.revoke().value(), 1, "N2 a grant is revoked as well");
  gift.close().value();
}

void grants() {
  const Port gift = Port::create().value();
  const auto there = gift.grant_to(handles::alice, kSend);
  check_ok(there, "N2 a grant puts a capability into a child's table");
  check_equal(rights_of(alice, *there), kSend, "N2 with the rights that were given");
  check(send_through(alice, *there) == 0 && gift.try_receive(), "N2 and it works there");
  check_error(Port(*there + (64 << 6)).info(), kBadHandle, "N2 the handle means nothing here");
  check_error(gift.grant_to(handles::alice, GRANARY_RIGHT_REGION_READ), kNotPermitted, "N2 a grant cannot add a right");
  check_error(handles::console.grant_to(handles::alice, GRANARY_RIGHT_CONSOLE_WRITE), kNotPermitted,
              "N2 without Grant it is EPERM");
  check_error(gift.grant_to(Silo(gift.value()), kSend), kNotPermitted, "N2 what is no silo cannot be granted to");
  check(alice.status(SystemCall::HANDLE_DUPLICATE, {.x0 = *there, .x3 = kSend}) == minus(kNotPermitted),
        "N2 E13 without Duplicate it cannot be copied there");
  check(alice.status(SystemCall::HANDLE_REVOKE, {.x0 = *there}) == minus(kNotPermitted), "E13 to revoke takes a right");
  check_equal(gift.revoke().value(), 1, "N2 revoke says how many ended");
  check(send_through(alice, *there) == minus(kBadHandle), "N2 the handle there is EBADF");
  check_ok(gift.info(), "E13 the capability itself stays");
  check_equal(gift.revoke().value(), 0, "N2 a second revoke finds nothing");
  gift.close().value();
  check_error(gift.revoke(), kBadHandle, "N2 a closed handle cannot revoke");
}

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
  revoked_while_blocked(port, kReceive, SystemCall::PORT_RECEIVE, {}, "B10 and a blocked receive");
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

void moves() {
  const Region region = Region::create(1).value();
  region.map(read_write).value()[0] = std::byte{42};
  const std::uint64_t all = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE;
  const Message take{static_cast<std::uint64_t>(OrderKind::Take)};
  check_error(handles::alice_orders.send_moving(take, region, all), kBusy,
              "N5 a region that is mapped does not move: EBUSY");
  const std::span<std::byte> bytes = region.map(read_only).value();
  region.unmap(bytes).value();
  region.close().value();

  const Region second = Region::create(1).value();
  const Region copy = second.duplicate().value();
  check_error(handles::alice_orders.send_moving(take, second, all), kBusy, "N5 nor one that others have");
  copy.close().value();
  check_ok(handles::alice_orders.send_moving(take, second, all), "N5 a region moves");
  check_error(second.info(), kBadHandle, "N5 and the sender has it no more");
  const auto weak = Region::create(1).value();
  const Region no_move = weak.duplicate(GRANARY_RIGHT_REGION_READ | kPass).value();
  weak.close().value();
  check_error(handles::alice_orders.send_moving(take, no_move, GRANARY_RIGHT_REGION_READ), kNotPermitted,
              "N5 without RegionMove it is EPERM");
  const auto lent = alice.give(no_move, GRANARY_RIGHT_REGION_READ);
  const Outcome mapped = alice.call(SystemCall::REGION_MAP, {.x0 = *lent, .x3 = 1});
  check(lent && mapped.status == 0, "N5 lent for reading, another silo maps it");
  check(alice.status(SystemCall::REGION_MAP, {.x0 = *lent, .x3 = 2}) == minus(kNotPermitted), "N5 and not for writing");
  check_equal(no_move.info().value().mappings, 1, "N5 the lender sees that");
  no_move.close().value();
  const auto last = Region::create(1).value();
  const auto borrowed = alice.give(last, GRANARY_RIGHT_REGION_READ);
  alice.call(SystemCall::REGION_MAP, {.x0 = *borrowed, .x3 = 1});
  check_equal(last.revoke().value(), 1, "N5 a loan is revoked");
  check_equal(last.info().value().mappings, 0, "N5 and its mapping in the other silo is gone when that returns");
  last.close().value();

  const Port port = Port::create().value();
  const auto empty = handles::alice_orders.call_accepting(take, 5s);
  check(empty && !empty->capability(), "P12 a reply without a capability says so");
  check_ok(handles::pipe.send_moving({1}, port, kSend | kReceive), "N5 a port moves through a channel");
  const Outcome got = alice.call(SystemCall::CHAN_RECV, {.x0 = friends::pipe});
  check(
      got.x5 == (kSend | kReceive) && alice.status(SystemCall::PORT_TRY_RECEIVE, {.x0 = got.x6}) == minus(kWouldBlock),
      "N5 and lives on with its new holder");
  check_error(port.info(), kBadHandle, "N5 not here");
  drop(alice, got.x6);
  const Port full = Port::create().value(), gift = Port::create().value();
  while (full.try_send({1})) {
  }
  check_error(full.send_moving({1}, gift, kSend), kWouldBlock, "N5 a move that would wait is EAGAIN");
  check_ok(gift.info(), "N5 and nothing is lost");
  gift.close().value();
  full.close().value();
}

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
  helper.start([] {
    const auto request = handles::inbox.receive(5s);
    helper_saw = request ? static_cast<std::int64_t>(request->label().value) : -1;
  });
  helper.settle();
  alice.call(SystemCall::PORT_TRY_SEND, {.x0 = friends::inbox});
  helper.wait();
  check_equal(static_cast<std::uint64_t>(helper_saw.load()), kFriendsLabel, "N8 one that was waited for");
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

int main() {
  transfer();
  quota();
  full_table();
  grants();
  subtree();
  blocked();
  closing_under_revoke();
  moves();
  names();
  labels();
  flow();
  pledges();
  return finish();
}
