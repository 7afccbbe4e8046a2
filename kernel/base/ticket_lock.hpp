// SPDX-License-Identifier: Apache-2.0
//
// TicketLock: a spin lock that is had in the order of asking, so that who waits knows how long at most: once each
// other core's hold. Interrupts are masked while it is held and while it is waited for.
#pragma once

#include <atomic>
#include <cstdint>

namespace base {

class TicketLock {
 public:
  constexpr TicketLock() = default;
  TicketLock(const TicketLock&) = delete;
  TicketLock& operator=(const TicketLock&) = delete;

  /// `hint` is called again and again while it is waited for.
  template <typename Hint>
  void acquire(Hint hint) {
    const std::uint32_t ticket = draw();
    while (!is_turn_of(ticket)) hint();
  }
  /// The two parts of acquire().
  /// ORDERING: acquire on the ticket's turn, release when it is passed on: what one holder wrote is seen by the next.
  std::uint32_t draw() { return next_.fetch_add(1, std::memory_order_relaxed); }
  bool is_turn_of(std::uint32_t ticket) const { return serving_.load(std::memory_order_acquire) == ticket; }
  /// Only the holder writes serving_, so it is no read-modify-write.
  void release() { serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  /// Somebody holds it. Of use to the holder only, who knows that it is he.
  bool is_held() const { return serving_.load(std::memory_order_relaxed) != next_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint32_t> next_{0};
  std::atomic<std::uint32_t> serving_{0};
};

}  // namespace base
