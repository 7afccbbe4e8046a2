// SPDX-License-Identifier: Apache-2.0
//
// A silo that does what it is ordered to (remote.hpp): it makes any system call, takes capabilities and gives them
// away. Its second thread makes those that block. It finds the port of its orders in its table: the first from which
// it may receive.
#include "helper.hpp"
#include "raw_call.h"
#include "remote.hpp"

using namespace conformance;

namespace {

Order job;
Outcome job_outcome;

Outcome make(const Order& order) {
  RawRegisters registers = {};
  registers.x[8] = order.number;
  registers.x[0] = order.x0;
  registers.x[1] = order.x1;
  registers.x[2] = order.x2;
  registers.x[3] = order.x3;
  registers.x[4] = order.x4;
  registers.x[7] = order.deadline;
  if ((order.x2 & GRANARY_FLAG_TRANSFER) != 0) {
    registers.x[5] = order.x3;
    registers.x[6] = order.x4;
  }
  raw_call_general(&registers);
  const auto& x = registers.x;
  return {static_cast<std::int64_t>(x[0]), x[2], x[3], x[4], x[5], x[6], x[7], x[14]};
}

Order order_in(const Message& message) {
  const auto& w = message.words;
  return {w[0], w[1], w[2], w[3], w[4], w[5], w[6]};
}

Port orders() {
  for (std::uint32_t index = 1; index < 8; ++index) {
    const Handle handle(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = handle.info();
    if (info && info->type == abi::ObjectType::Port && (info->rights & GRANARY_RIGHT_PORT_RECEIVE) != 0)
      return Port(handle.value());
  }
  return Port();
}

Outcome do_job() {
  if (!helper.wait()) job_outcome.status = kNeverEnded;
  return job_outcome;
}

}  // namespace

int main() {
  const Port port = orders();
  for (;;) {
    Result<Request> request = port.receive();
    if (!request) {
      // A table that is full: the message stays until there is room, and there will be some.
      if (request.error() == kTableFull || request.error() == kForbiddenFlow) {
        sleep_for(2ms);
        continue;
      }
      return 1;
    }
    const Order order = order_in(request->message);
    Outcome outcome = {};
    switch (static_cast<OrderKind>(request->message.opcode)) {
      case OrderKind::Call: outcome = make(order); break;
      case OrderKind::Start:
        job = order;
        helper.start([] { job_outcome = make(job); });
        break;
      case OrderKind::Finish: outcome = do_job(); break;
      case OrderKind::Take:
        outcome.x3 = request->capability().handle;
        outcome.x4 = request->capability().rights;
        outcome.x6 = request->label().value;
        outcome.x7 = request->badge;
        break;
      case OrderKind::Give:
      case OrderKind::GiveMoved: {
        const bool moves = static_cast<OrderKind>(request->message.opcode) == OrderKind::GiveMoved;
        const Result<void> given = moves ? Port::reply_moving(request->token, {1}, Handle(order.x0), order.x3)
                                         : Port::reply_with(request->token, {1}, Handle(order.x0), order.x3);
        if (given) continue;
        outcome.status = -given.error().number();
        break;
      }
      case OrderKind::End: break;
    }
    if (request->is_call()) static_cast<void>(Port::reply(std::move(request->token), Message::of(0, outcome)));
    if (static_cast<OrderKind>(request->message.opcode) == OrderKind::End) return 0;
  }
}
