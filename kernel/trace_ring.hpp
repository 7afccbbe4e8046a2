// SPDX-License-Identifier: Apache-2.0
//
// TraceRing: the newest events of one core (N12). Overwrites the oldest; gives each record once, the oldest first, and
// can be read while it is written. Owns the memory it was given; touched by its core, with interrupts masked.
//
// INVARIANT: recorded = read + overwritten + unread, and unread is at most the capacity.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "ipc/abi/abi.hpp"

namespace kernel {

class TraceRing {
 public:
  struct Statistics {
    std::uint64_t recorded, overwritten, unread;
  };

  constexpr TraceRing() = default;
  TraceRing(const TraceRing&) = delete;
  TraceRing& operator=(const TraceRing&) = delete;

  /// As new, with room for memory.size() records, a power of two.
  void begin(std::span<abi::TraceRecord> memory) {
    memory_ = memory;
    written_ = read_ = overwritten_ = 0;
  }
  bool has_memory() const { return !memory_.empty(); }

  /// There is memory.
  void write(const abi::TraceRecord& record) {
    if (written_ - read_ == memory_.size()) {
      ++read_;
      ++overwritten_;
    }
    memory_[written_++ & (memory_.size() - 1)] = record;
  }
  std::optional<abi::TraceRecord> take() {
    if (read_ == written_) return std::nullopt;
    return memory_[read_++ & (memory_.size() - 1)];
  }
  /// The record written as number `position`, counted from 0, whether or not it was taken; null if it is not there
  /// (yet, or any more).
  const abi::TraceRecord* at(std::uint64_t position) const {
    if (position >= written_ || written_ - position > memory_.size()) return nullptr;
    return &memory_[position & (memory_.size() - 1)];
  }
  Statistics statistics() const { return {written_, overwritten_, written_ - read_}; }

 private:
  std::span<abi::TraceRecord> memory_;
  std::uint64_t written_ = 0, read_ = 0, overwritten_ = 0;
};

}  // namespace kernel
