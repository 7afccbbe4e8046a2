// SPDX-License-Identifier: Apache-2.0
//
// Capabilities across silos: transfer, grant, move. The other sides are peers that do what is ordered (remote.hpp);
// who may reach whom is in silos/systems/conformance_capabilities.toml.
#include "capabilities.hpp"

using namespace conformance;

namespace {

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
  check(got.x5 == (kSend | kReceive) &&
            (!receives(alice, got.x6) ||
             alice.status(SystemCall::PORT_TRY_RECEIVE, {.x0 = got.x6}) == minus(kWouldBlock)),
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

}  // namespace

int main() {
  transfer();
  quota();
  full_table();
  grants();
  revokes();
  moves();
  policies();
  return finish();
}
