// SPDX-License-Identifier: Apache-2.0
//
// What the SDK's headers need where there is no Granary under them: a clock that the test moves, shared memory of
// exact size between redzones, and a doorbell whose behaviour the test writes.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <span>

#include "granary/stream.hpp"

namespace sdk_host {

/// While set, counter_now() gives it and adds 1; otherwise the host's steady clock, in nanoseconds.
void set_counter(std::uint64_t ticks);
void use_real_counter();

/// Zeroed, aligned as a region is, and not a byte longer than the stream needs: AddressSanitizer sees each step beyond.
class SharedMemory {
 public:
  explicit SharedMemory(std::size_t messages)
      : size_(sizeof(granary::detail::StreamLayout) + messages * granary::kStreamMessageBytes),
        bytes_(static_cast<std::byte*>(std::aligned_alloc(64, size_)), &std::free) {
    clear();
  }
  void clear() { std::fill_n(bytes_.get(), size_, std::byte{0}); }
  std::span<std::byte> bytes() { return {bytes_.get(), size_}; }
  granary::detail::StreamLayout& layout() { return *reinterpret_cast<granary::detail::StreamLayout*>(bytes_.get()); }

 private:
  std::size_t size_;
  std::unique_ptr<std::byte[], decltype(&std::free)> bytes_;
};

/// Counts, and does what the test says. Waiting is an error unless the test allows it: nobody would ring.
struct ScriptedBell {
  int rings = 0, waits = 0;
  std::function<granary::Result<void>()> on_ring = [] { return granary::Result<void>(); };
  std::function<granary::Result<void>()> on_wait = []() -> granary::Result<void> {
    ADD_FAILURE() << "waits, and nobody will ring";
    return granary::kTimedOut;
  };
};

/// The doorbell of a stream's side: a name for a bell of some kind, as a handle is.
template <typename Bell>
struct BellHandle {
  Bell* bell = nullptr;
  granary::Result<void> ring() { return ++bell->rings, bell->on_ring(); }
  granary::Result<void> wait(granary::Deadline) { return ++bell->waits, bell->on_wait(); }
};
using Scripted = BellHandle<ScriptedBell>;

/// Shared words with somebody in between: `before` is called ahead of each access, but not inside of itself.
struct InterruptedWords {
  static inline std::function<void()> before;

  static std::uint64_t load(std::uint64_t& word) {
    interrupt();
    return granary::detail::SharedWords::load(word);
  }
  static void store(std::uint64_t& word, std::uint64_t value) {
    interrupt();
    granary::detail::SharedWords::store(word, value);
  }

 private:
  static void interrupt() {
    if (!before) return;
    const std::function<void()> once = std::exchange(before, nullptr);
    once();
    if (!before) before = once;
  }
};

}  // namespace sdk_host
