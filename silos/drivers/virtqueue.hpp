// SPDX-License-Identifier: Apache-2.0
//
// A split virtqueue (Virtual I/O Device 1.2, 2.7), in the layout that also devices from before version 1 know:
// descriptors, available ring, and on the next page the used ring. One thread uses it. Tested on the host.
//
// The device writes the used ring, and can write all else that lies there. So this never reads back what it wrote:
// which chains the device has, and how much it may write to each, is kept here. What the device says is read once and
// believed only if it is about a chain that it has. A device that says anything else is broken for good, until reset().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "dma_barrier.hpp"

namespace drivers {

class Virtqueue {
 public:
  static constexpr std::uint16_t kMostEntries = 64;
  static constexpr std::size_t kAlignment = 4096;
  /// Pages that a queue takes: descriptors and available ring fit one, the used ring another.
  static constexpr std::size_t kBytes = 2 * kAlignment;

  /// A piece of memory that the device reads or writes.
  struct Part {
    std::uint64_t physical = 0;
    std::uint32_t bytes = 0;
    bool device_writes = false;
  };
  /// A chain of parts that the device has given back.
  struct Finished {
    std::uint16_t ticket = 0;
    std::uint32_t written = 0;  ///< bytes, as the device says; never more than it may write
  };
  enum class Taken { Nothing, One, Nonsense };

  /// `memory` has kBytes and begins with a page, of which the device knows as `physical`; `entries` is a power of two.
  Virtqueue(std::span<std::byte> memory, std::uint64_t physical, std::uint16_t entries)
      : memory_(memory.data()), physical_(physical), entries_(entries) {
    reset();
  }

  /// As it was in the beginning. The device must have been reset before: it must not use the queue meanwhile.
  void reset() {
    for (std::size_t at = 0; at < kBytes; at += sizeof(std::uint64_t)) store<std::uint64_t>(at, 0);
    chains_ = {};
    for (std::uint16_t i = 0; i < entries_; ++i) next_[i] = static_cast<std::uint16_t>(i + 1);
    free_ = 0;
    free_count_ = entries_;
    in_flight_ = offered_ = seen_ = 0;
    is_broken_ = false;
  }

  std::uint16_t entries() const { return entries_; }
  std::uint16_t in_flight() const { return in_flight_; }
  std::uint16_t room() const { return free_count_; }
  std::uint64_t descriptors() const { return physical_; }
  std::uint64_t available() const { return physical_ + available_at(); }
  std::uint64_t used() const { return physical_ + kAlignment; }

  /// Hands a chain to the device: its ticket, or none if there is no room for that many parts. The parts that the
  /// device reads come first. The device may have to be notified.
  std::optional<std::uint16_t> offer(std::span<const Part> parts) {
    if (is_broken_ || parts.empty() || parts.size() > free_count_) return std::nullopt;
    const std::uint16_t head = free_;
    std::uint16_t entry = head;
    Chain chain;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool is_last = i + 1 == parts.size();
      const std::size_t at = entry * kDescriptorBytes;
      store<std::uint64_t>(at, parts[i].physical);
      store<std::uint32_t>(at + 8, parts[i].bytes);
      store<std::uint16_t>(at + 12,
                           static_cast<std::uint16_t>((is_last ? 0 : kNext) | (parts[i].device_writes ? kWrite : 0)));
      store<std::uint16_t>(at + 14, is_last ? std::uint16_t{0} : next_[entry]);
      if (parts[i].device_writes) chain.writable += parts[i].bytes;
      chain.last = entry;
      entry = next_[entry];
    }
    chain.parts = static_cast<std::uint16_t>(parts.size());
    chains_[head] = chain;
    free_ = entry;
    free_count_ = static_cast<std::uint16_t>(free_count_ - chain.parts);
    ++in_flight_;
    store<std::uint16_t>(available_at() + 4 + 2u * (offered_ % entries_), head);
    dma_barrier();  // the chain and its place in the ring are seen before the index that counts it
    store<std::uint16_t>(available_at() + 2, ++offered_);
    dma_barrier();  // and the index before the register that is written to notify
    return head;
  }

  /// The next chain that the device has finished with.
  Taken take(Finished& finished) {
    if (is_broken_) return Taken::Nonsense;
    const std::uint16_t index = load<std::uint16_t>(kAlignment + 2);
    const auto waiting = static_cast<std::uint16_t>(index - seen_);
    if (waiting == 0) return Taken::Nothing;
    if (waiting > in_flight_) return nonsense();
    dma_barrier();  // what the index counts is read after it
    const std::size_t at = kAlignment + 4 + 8u * (seen_ % entries_);
    const std::uint32_t id = load<std::uint32_t>(at), written = load<std::uint32_t>(at + 4);
    if (id >= entries_ || chains_[id].parts == 0 || written > chains_[id].writable) return nonsense();
    give_back(static_cast<std::uint16_t>(id));
    ++seen_;
    finished = {static_cast<std::uint16_t>(id), written};
    return Taken::One;
  }

 private:
  struct Chain {
    std::uint16_t parts = 0;  ///< 0: the device has no chain that begins here
    std::uint16_t last = 0;
    std::uint64_t writable = 0;
  };
  static constexpr std::size_t kDescriptorBytes = 16;
  static constexpr unsigned kNext = 1, kWrite = 2;
  static_assert(kDescriptorBytes * kMostEntries + 6 + 2 * kMostEntries <= kAlignment);
  static_assert(6 + 8 * kMostEntries <= kAlignment);

  std::size_t available_at() const { return kDescriptorBytes * entries_; }
  Taken nonsense() {
    is_broken_ = true;
    return Taken::Nonsense;
  }
  void give_back(std::uint16_t head) {
    next_[chains_[head].last] = free_;
    free_ = head;
    free_count_ = static_cast<std::uint16_t>(free_count_ + chains_[head].parts);
    chains_[head] = {};
    --in_flight_;
  }
  // Volatile, because the device reads and writes too: each is one access, and none is left out.
  template <typename T>
  T load(std::size_t at) const {
    // SAFETY: the constructor was given kBytes that begin with a page, and `at` is a multiple of T's size below that.
    return *reinterpret_cast<const volatile T*>(memory_ + at);
  }
  template <typename T>
  void store(std::size_t at, T value) {
    // SAFETY: as in load().
    *reinterpret_cast<volatile T*>(memory_ + at) = value;
  }

  std::byte* memory_;
  std::uint64_t physical_;
  std::uint16_t entries_;
  std::array<Chain, kMostEntries> chains_{};        ///< by the descriptor they begin with
  std::array<std::uint16_t, kMostEntries> next_{};  ///< of the free list, and of each chain
  std::uint16_t free_ = 0, free_count_ = 0;
  std::uint16_t in_flight_ = 0;
  std::uint16_t offered_ = 0, seen_ = 0;  ///< the indices of both rings, which wrap around
  bool is_broken_ = false;
};

}  // namespace drivers
