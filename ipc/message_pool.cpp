// SPDX-License-Identifier: Apache-2.0
//
// The pool's state, reached only under its lock (MessagePool::state_).
#include "ipc/message_pool.hpp"

#include <new>

namespace ipc {

base::Result<void> MessagePool::State::reserve(std::uint32_t count) {
  if (missing(count) != 0) return base::Error::ENOMEM;
  reserved += count;
  return {};
}

void MessagePool::State::release(std::uint32_t count) {
  // Otherwise a node in use would be promised to somebody else, or the count would wrap and promise everything.
  if (count > reserved || reserved - count < taken) __builtin_trap();
  reserved -= count;
}

QueuedMessage& MessagePool::State::take() {
  QueuedMessage* const node = free.pop_front();
  // By the invariant a taker has a reservation, so there is a node; without one the kernel itself is wrong.
  if (node == nullptr || taken >= reserved) __builtin_trap();
  ++taken;
  return *node;
}

void MessagePool::State::give(QueuedMessage& node) {
  if (taken == 0) __builtin_trap();  // it was not taken from here
  node.owner = nullptr;
  free.push_back(node);
  --taken;
}

std::uint32_t MessagePool::State::missing(std::uint32_t count) const {
  const std::uint32_t unreserved = nodes - reserved;
  return count <= unreserved ? 0 : count - unreserved;
}

std::uint32_t MessagePool::State::add_memory(std::span<std::byte> memory) {
  const auto count = static_cast<std::uint32_t>(memory.size() / sizeof(QueuedMessage));
  for (std::uint32_t i = 0; i < count; ++i) {
    // The caller gives memory that is aligned and nobody else's, for ever.
    auto* const node = new (memory.data() + i * sizeof(QueuedMessage)) QueuedMessage;
    free.push_back(*node);
  }
  nodes += count;
  return count;
}

}  // namespace ipc
