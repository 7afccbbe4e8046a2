// SPDX-License-Identifier: Apache-2.0
//
// The party that serves: receives, answers, borrows and is given. See client.cpp.
#include <utility>

#include "handles.hpp"
#include "party.hpp"

using namespace sweep;

namespace {

Board* shared = nullptr;

constexpr std::uint64_t kMark = 0x5117;

/// A message at the port; false: there will be none.
bool receive(Script& script, Result<Request>& request) {
  request = handles::service.receive(script.until());
  if (!script.did(request)) return false;
  if (request->carried) script.keep(Handle(request->carried.handle));
  if (request->message.opcode == kNoMore) return false;
  script.note_taken();
  return true;
}
template <typename... Errors>
void reply(Script& script, Token token, const Message& answer, Errors... also) {
  if (script.did(Port::reply(std::move(token), answer), kPeerGone, also...)) script.note_answered();
}
/// A message of the channel with that opcode.
bool take(Script& script, Result<Delivery>& delivery, std::uint64_t opcode) {
  delivery = handles::lane.receive(script.until());
  if (!script.did(delivery)) return false;
  if (delivery->carried) script.keep(Handle(delivery->carried.handle));
  return script.holds(delivery->message.opcode == opcode);
}

void serve_call(Script& script, bool comes_later) {
  if (comes_later) script.come_later();
  Result<Request> request = kWouldBlock;
  if (!receive(script, request)) return;
  const Message answer{1, {request->message.words[0] + 1}};
  reply(script, std::move(request->token), answer);
}
void serve_in_turn(Script& script) {
  Result<Request> request = kWouldBlock;
  if (!receive(script, request)) return;
  for (std::uint64_t i = 0; i < 2; ++i) {
    const Message answer{1, {request->message.words[0] + request->message.opcode}};
    request = handles::service.reply_and_receive(std::move(request->token), answer, script.until());
    if (!script.did(request)) return;
    if (!request->reply_lost) script.note_answered();
    if (request->message.opcode == kNoMore) return;
    script.note_taken();
  }
  const Message answer{1, {request->message.words[0] + request->message.opcode}};
  reply(script, std::move(request->token), answer);
}
void serve_carrying(Script& script) {
  Result<Request> request = kWouldBlock;
  if (!receive(script, request)) return;
  script.holds(request->message.words[5] == 6);
  if (request->carried) script.did(request->carried.as<Semaphore>().post(), kBadHandle);
  reply(script, std::move(request->token), {1});
}
void receive_one(Script& script) {
  Result<Request> request = kWouldBlock;
  if (receive(script, request)) script.holds(request->message.words[0] == kMark);
}
void receive_blocked(Script& script) {
  script.come_later();
  std::uint64_t next = 0;
  granary::Batch batch;
  while (next <= granary::Batch::kCapacity) {
    if (!script.did(handles::service.receive_batch(batch, script.until()))) return;
    for (std::uint64_t i = 0; i < batch.size(); ++i) {
      if (batch[i].opcode == kNoMore) return;
      if (!script.holds(batch[i].opcode == next++)) return;
    }
  }
}
void channel(Script& script) {
  Result<Delivery> delivery = kWouldBlock;
  if (take(script, delivery, 1)) script.did(handles::lane.send({2}, script.until()));
}
void channel_blocked(Script& script) {
  script.come_later();
  Result<Delivery> delivery = kWouldBlock;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    if (!take(script, delivery, i)) return;
  }
}
void batch(Script& script) {
  std::uint64_t next = 1;
  granary::Batch batch;
  while (next <= 3) {
    if (!script.did(handles::lane.receive_batch(batch, script.until()))) return;
    for (std::uint64_t i = 0; i < batch.size(); ++i) {
      if (!script.holds(batch[i].opcode == next++)) return;
    }
  }
}
void notification(Script& script) {
  if (script.did(handles::bell.wait(1, script.until()))) script.did(handles::answer.signal(1));
}
void semaphore(Script& script) { script.did(handles::gate.wait(script.until())); }
void async(Script& script) {
  const auto delivery = handles::mail.receive(script.until());
  if (script.did(delivery)) script.holds(delivery->message.words[0] == kMark);
}
void take_region(Script& script) {
  Result<Delivery> delivery = kWouldBlock;
  if (!take(script, delivery, 1) || !script.holds(static_cast<bool>(delivery->carried))) return;
  const auto memory = delivery->carried.as<Region>().map(read_write);
  if (!script.did(memory)) return;
  script.holds(memory->front() == std::byte{kMark & 0xff});
  script.did(handles::lane.send({2}, script.until()));
}
void borrow_region(Script& script) {
  Result<Delivery> delivery = kWouldBlock;
  if (!take(script, delivery, 1) || !script.holds(static_cast<bool>(delivery->carried))) return;
  const Region region = delivery->carried.as<Region>();
  const auto memory = region.map(read_only);
  if (!script.did(memory, kBadHandle)) return;
  script.holds(memory->front() == std::byte{kMark & 0xff});
  if (!script.did(handles::lane.send({2}, script.until())) || !take(script, delivery, 3)) return;
  script.is_refused(region.info(), kBadHandle);
}
void call_revoked(Script& script) {
  Result<Delivery> delivery = kWouldBlock;
  if (!take(script, delivery, 1) || !script.holds(static_cast<bool>(delivery->carried))) return;
  script.is_refused(delivery->carried.as<Port>().call({1}, script.until()), kRevoked, kBadHandle, kPeerGone);
}

void run(Script& script, Operation operation) {
  switch (operation) {
    case Operation::Quotas: return use_up_quotas(script);
    case Operation::Call: return serve_call(script, false);
    case Operation::CallQueued: return serve_call(script, true);
    case Operation::CallsInTurn: return serve_in_turn(script);
    case Operation::CallCarrying: return serve_carrying(script);
    case Operation::Send: return receive_one(script);
    case Operation::SendBlocked: return receive_blocked(script);
    case Operation::Channel: return channel(script);
    case Operation::ChannelBlocked: return channel_blocked(script);
    case Operation::Batch: return batch(script);
    case Operation::Notification: return notification(script);
    case Operation::Semaphore: return semaphore(script);
    case Operation::Async: return async(script);
    case Operation::RegionMoved: return take_region(script);
    case Operation::RegionRevoked: return borrow_region(script);
    case Operation::CallRevoked: return call_revoked(script);
    case Operation::kCount: break;
  }
}

void drain() {
  for (auto left = handles::service.try_receive(); left.ok(); left = handles::service.try_receive()) {
    drop(left->carried);
    if (left->token) Port::reply(std::move(left->token), {0}).ignore();
  }
  for (auto left = handles::lane.try_receive(); left.ok(); left = handles::lane.try_receive()) drop(left->carried);
  while (handles::mail.try_receive().ok()) {
  }
  while (handles::gate.try_wait().ok()) {
  }
  static_cast<void>(handles::bell.try_wait().ok());
}

}  // namespace

extern "C" void fuse_main(std::uint64_t) { burn(shared, Party::Server, handles::fuse_server); }

int main() {
  shared = &map_board(handles::board);
  obey(*shared, Party::Server, handles::order_server, drain, run);
}
