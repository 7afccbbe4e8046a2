// SPDX-License-Identifier: Apache-2.0
//
// Another silo as a remote hand: capabilities_peer.cpp makes the system calls that it is ordered to, and answers with
// the registers. So one program sees both sides of what happens to a capability.
#pragma once

#include "check.hpp"

namespace conformance {

/// Opcodes on the port of a peer.
enum class OrderKind : std::uint64_t {
  Call = 1,   ///< makes a system call
  Start,      ///< the same in its second thread, which may block
  Finish,     ///< waits for the end of that, and tells its results
  Take,       ///< a capability comes along (or none); tells how it arrived
  Give,       ///< answers with the capability x0, with the rights x3
  GiveMoved,  ///< the same, and its own goes
  End
};

struct Order {
  std::uint64_t number = 0;
  std::uint64_t x0 = 0, x1 = 0, x2 = 0;
  std::uint64_t x3 = 0, x4 = 0;  ///< a transfer: the rights and the handle, which then go to X5 and X6
  std::uint64_t deadline = 0;
};

/// What a call gave: status and registers. Of Take: x3 handle, x4 rights, x6 label, x7 badge.
struct Outcome {
  std::int64_t status;
  std::uint64_t x2, x3, x4, x5, x6, x7, label;
};

/// A call by the second thread is not over after ten seconds.
inline constexpr std::int64_t kNeverEnded = -9999;

class Remote {
 public:
  explicit constexpr Remote(Port orders) : orders_(orders) {}

  Outcome call(abi::SystemCall number, Order order = {}) const { return send(OrderKind::Call, number, order); }
  std::int64_t status(abi::SystemCall number, Order order = {}) const { return call(number, order).status; }
  /// Begins a call in the peer's second thread, and gives it time to block.
  void start(abi::SystemCall number, Order order = {}) const {
    send(OrderKind::Start, number, order);
    sleep_for(5ms);
  }
  Outcome finish() const { return send(OrderKind::Finish, abi::SystemCall::NULL_CALL, {}); }
  void end() const { send(OrderKind::End, abi::SystemCall::NULL_CALL, {}); }

  /// Gives it a capability in a call; the handle there, or the error.
  Result<std::uint64_t> give(const Handle& handle, std::uint64_t rights) const {
    const auto answer = orders_.call_with({static_cast<std::uint64_t>(OrderKind::Take)}, handle, rights, 10s);
    if (!answer) return answer.error();
    return answer->as<Outcome>().x3;
  }
  /// What came of the last one, with a message that brings nothing.
  Outcome arrival() const { return send(OrderKind::Take, abi::SystemCall::NULL_CALL, {}); }
  /// Gets a capability of the peer in a reply.
  Result<Delivery> get(std::uint64_t handle, std::uint64_t rights, OrderKind kind = OrderKind::Give) const {
    Order order = {};
    order.x0 = handle;
    order.x3 = rights;
    return orders_.call_accepting(Message::of(static_cast<std::uint64_t>(kind), order), 10s);
  }
  Port port() const { return orders_; }

 private:
  Outcome send(OrderKind kind, abi::SystemCall number, Order order) const {
    order.number = static_cast<std::uint64_t>(number);
    return orders_.call(Message::of(static_cast<std::uint64_t>(kind), order), 20s).value().as<Outcome>();
  }
  Port orders_;
};

constexpr std::int64_t minus(Error error) { return -error.number(); }

}  // namespace conformance
