// SPDX-License-Identifier: Apache-2.0
//
// The party that begins: calls, sends, lends, gives away and takes back. Its scripts and those of server.cpp belong
// together, step by step.
#include "handles.hpp"
#include "party.hpp"

using namespace sweep;

namespace {

Board* shared = nullptr;

constexpr std::uint64_t kMark = 0x5117;

void call(Script& script, bool comes_later) {
  if (comes_later) script.come_later();
  const auto answer = handles::service.call({1, {kMark}}, script.until());
  if (script.did(answer)) script.holds(answer->words[0] == kMark + 1);
}
void call_in_turn(Script& script) {
  script.come_later();
  for (std::uint64_t i = 0; i < 3; ++i) {
    const auto answer = handles::service.call({i, {kMark}}, script.until());
    if (!script.did(answer)) return;
    script.holds(answer->words[0] == kMark + i);
  }
}
void call_carrying(Script& script) {
  script.come_later();
  const auto semaphore = Semaphore::create(0);
  if (!script.did(semaphore)) return;
  script.keep(*semaphore);
  const Message message{1, {1, 2, 3, 4, 5, 6}};
  const auto answer = handles::service.call_with(message, *semaphore, GRANARY_RIGHT_SEMAPHORE_POST, script.until());
  if (!script.did(answer)) return;
  script.did(semaphore->try_wait(), kWouldBlock);
}
void send(Script& script) {
  script.come_later();
  script.did(handles::service.send({1, {kMark}}, script.until()));
}
void send_blocked(Script& script) {
  granary::Batch batch;
  for (std::uint64_t i = 0; i < granary::Batch::kCapacity; ++i) static_cast<void>(batch.add({i}));
  if (!script.did(handles::service.send_batch(batch, script.until()))) return;
  script.did(handles::service.send({granary::Batch::kCapacity}, script.until()));
}
void channel(Script& script) {
  script.come_later();
  if (!script.did(handles::lane.send({1, {kMark}}, script.until()))) return;
  const auto answer = handles::lane.receive(script.until());
  if (script.did(answer)) script.holds(answer->message.opcode == 2);
}
void channel_blocked(Script& script) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    if (!script.did(handles::lane.send({i}, script.until()))) return;
  }
}
void batch(Script& script) {
  script.come_later();
  granary::Batch batch;
  for (std::uint64_t i = 1; i <= 3; ++i) static_cast<void>(batch.add({i}));
  while (!batch.is_empty()) {
    if (!script.did(handles::lane.send_batch(batch, script.until()))) return;
  }
}
void notification(Script& script) {
  script.come_later();
  if (script.did(handles::bell.signal(1))) script.did(handles::answer.wait(1, script.until()));
}
void semaphore(Script& script) {
  script.come_later();
  script.did(handles::gate.post());
}
void async(Script& script) {
  script.come_later();
  script.did(handles::mail.send({1, {kMark}}));
}

/// Two pages that begin with the mark, not mapped any more if `is_unmapped`.
Region make_region(Script& script, bool is_unmapped) {
  const auto region = Region::create(2);
  if (!script.did(region)) return {};
  script.keep(*region);
  const auto memory = region->map(read_write);
  if (!script.did(memory)) return {};
  memory->front() = std::byte{kMark & 0xff};
  if (is_unmapped && !script.did(region->unmap(*memory))) return {};
  return *region;
}
void move_region(Script& script) {
  script.come_later();
  const Region region = make_region(script, true);
  if (!region) return;
  const std::uint64_t rights = GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE | GRANARY_RIGHT_REGION_MOVE;
  if (!script.did(handles::lane.send_moving({1}, region, rights), kWouldBlock)) return;
  const auto told = handles::lane.receive(script.until());
  if (script.did(told)) script.holds(told->message.opcode == 2);
}
void revoke_region(Script& script) {
  script.come_later();
  const Region region = make_region(script, false);
  if (!region) return;
  if (!script.did(handles::lane.send_with({1}, region, GRANARY_RIGHT_REGION_READ, script.until()))) return;
  const auto told = handles::lane.receive(script.until());
  if (!script.did(told) || !script.holds(told->message.opcode == 2)) return;
  if (!script.did(region.revoke())) return;
  script.did(handles::lane.send({3}, script.until()));
}
void revoke_called(Script& script) {
  const auto port = Port::create();
  if (!script.did(port)) return;
  script.keep(*port);
  if (!script.did(handles::lane.send_with({1}, *port, GRANARY_RIGHT_PORT_CALL, script.until()))) return;
  script.come_later();
  granary_sleep_until(detail::counter_now() + 4000);  // by now the server has called
  script.did(port->revoke());
}

void run(Script& script, Operation operation) {
  switch (operation) {
    case Operation::Quotas: return use_up_quotas(script);
    case Operation::Call: return call(script, true);
    case Operation::CallQueued: return call(script, false);
    case Operation::CallsInTurn: return call_in_turn(script);
    case Operation::CallCarrying: return call_carrying(script);
    case Operation::Send: return send(script);
    case Operation::SendBlocked: return send_blocked(script);
    case Operation::Channel: return channel(script);
    case Operation::ChannelBlocked: return channel_blocked(script);
    case Operation::Batch: return batch(script);
    case Operation::Notification: return notification(script);
    case Operation::Semaphore: return semaphore(script);
    case Operation::Async: return async(script);
    case Operation::RegionMoved: return move_region(script);
    case Operation::RegionRevoked: return revoke_region(script);
    case Operation::CallRevoked: return revoke_called(script);
    case Operation::kCount: break;
  }
}

void drain() {
  for (auto left = handles::lane.try_receive(); left.ok(); left = handles::lane.try_receive()) drop(left->carried);
  handles::answer.try_wait().ok();
}

}  // namespace

extern "C" void fuse_main(std::uint64_t) { burn(shared, Party::Client, handles::fuse_client); }

int main() {
  shared = &map_board(handles::board);
  obey(*shared, Party::Client, handles::order_client, drain, run);
}
