// SPDX-License-Identifier: Apache-2.0
//
// NotedEvents: the last few things of a silo that are told with its fault although the kernel does not trace: that it
// began again, that a call of it was refused. Nothing that succeeds is noted: to note each wait of a thread was
// measured and costs 44 instructions of some 700 (docs/faults.md). Each silo has its own, so that none pushes out
// another's. Written in shared sections.
#pragma once

#include <cstdint>

namespace kernel {

struct NotedEvent {
  enum class Kind : std::uint8_t { Begins, Refused };
  std::uint64_t time = 0;    ///< ticks
  std::uint64_t handle = 0;  ///< of a refused call, if it takes one
  std::uint16_t number = 0;  ///< of the call
  std::uint8_t error = 0;
  std::uint8_t thread = 0;  ///< its place in the silo
  Kind kind = Kind::Begins;
};
static_assert(sizeof(NotedEvent) == 24);

class NotedEvents {
 public:
  static constexpr std::uint32_t kMaximum = 16;

  void add(const NotedEvent& event) { events_[written_++ % kMaximum] = event; }
  std::uint32_t count() const { return written_ < kMaximum ? written_ : kMaximum; }
  /// The oldest that is still there is 0.
  const NotedEvent& at(std::uint32_t index) const { return events_[(written_ - count() + index) % kMaximum]; }

 private:
  std::uint32_t written_ = 0;
  NotedEvent events_[kMaximum] = {};
};

}  // namespace kernel
