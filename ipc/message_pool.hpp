// SPDX-License-Identifier: Apache-2.0
//
// MessagePool: the nodes in which queued messages lie, one pool for all ports and channels. Capacity is reserved when a
// port or channel is made, so that a send within capacity never fails for memory.
//
// INVARIANT: taken nodes <= reserved <= nodes in the pool. Memory given to the pool stays nodes for ever (type-stable).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ipc/message.hpp"
#include "kernel/base/guarded.hpp"
#include "kernel/base/intrusive_list.hpp"
#include "kernel/base/result.hpp"

namespace ipc {

class Party;

/// A message in a queue: either a node of the pool (its sender has gone on), or part of a blocked thread.
struct QueuedMessage {
  base::ListNode<QueuedMessage> node;
  Message message = {};
  std::uint64_t badge = 0;
  std::uint32_t label = 0;
  std::uint8_t deaths = 0;  ///< of receivers, with this message in hand
  Party* owner = nullptr;   ///< the blocked thread that this is a part of; null for a node of the pool
};

using MessageQueue = base::IntrusiveList<QueuedMessage, &QueuedMessage::node>;

class MessagePool {
 public:
  constexpr MessagePool() = default;

  /// Sets `count` nodes aside. ENOMEM if there are not that many: give memory with add_memory and try again.
  template <base::LockRank kHeld>
  base::Result<void> reserve(base::Held<kHeld> held, std::uint32_t count) {
    return state_.with(held, [&](State& state, auto) { return state.reserve(count); });
  }
  /// Gives a reservation back whose nodes have all been given back; another count is a kernel bug and traps.
  template <base::LockRank kHeld>
  void release(base::Held<kHeld> held, std::uint32_t count) {
    state_.with(held, [&](State& state, auto) { state.release(count); });
  }
  /// A node within the caller's reservation: there is one, by the invariant.
  template <base::LockRank kHeld>
  QueuedMessage& take(base::Held<kHeld> held) {
    return state_.with(held, [&](State& state, auto) -> QueuedMessage& { return state.take(); });
  }
  template <base::LockRank kHeld>
  void give(base::Held<kHeld> held, QueuedMessage& node) {
    state_.with(held, [&](State& state, auto) { state.give(node); });
  }
  /// How many nodes are missing for another reservation of `count`.
  template <base::LockRank kHeld>
  std::uint32_t missing(base::Held<kHeld> held, std::uint32_t count) {
    return state_.with(held, [&](State& state, auto) { return state.missing(count); });
  }
  /// Makes nodes of the memory, 64-byte aligned, for ever. Returns how many; a page gives kNodesPerPage.
  template <base::LockRank kHeld>
  std::uint32_t add_memory(base::Held<kHeld> held, std::span<std::byte> memory) {
    return state_.with(held, [&](State& state, auto) { return state.add_memory(memory); });
  }

  struct Counts {
    std::uint32_t nodes, reserved, taken;
  };
  template <base::LockRank kHeld>
  Counts counts(base::Held<kHeld> held) {
    return state_.with(held, [](State& state, auto) { return Counts{state.nodes, state.reserved, state.taken}; });
  }

  static constexpr std::size_t kNodesPerPage = 4096 / sizeof(QueuedMessage);

 private:
  struct State {
    MessageQueue free;
    std::uint32_t nodes = 0;
    std::uint32_t reserved = 0;
    std::uint32_t taken = 0;

    base::Result<void> reserve(std::uint32_t count);
    void release(std::uint32_t count);
    QueuedMessage& take();
    void give(QueuedMessage& node);
    std::uint32_t missing(std::uint32_t count) const;
    std::uint32_t add_memory(std::span<std::byte> memory);
  };
  base::Guarded<State, base::LockRank::MessagePool> state_;
};

}  // namespace ipc
