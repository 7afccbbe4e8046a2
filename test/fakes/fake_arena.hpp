// SPDX-License-Identifier: Apache-2.0
//
// Kernel memory for a test, and a whole kernel to be filled by kernel/system.hpp. Memory is full of 0xee, so that
// nothing is zero by luck. It is never freed: pools of objects hold what they once took, across tests, as they do on a
// machine.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernel/kernel_memory.hpp"

namespace fakes {

/// Tests are single-threaded: no interrupt comes, no lock is held.
inline kernel::Unlocked unlocked() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }

/// New kernel memory. used_pages() lets a test see that everything was given back.
class Arena {
 public:
  static constexpr base::PhysicalAddress kPhysical{0x9000'0000};

  explicit Arena(std::uint64_t pages);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  std::byte* bytes() const { return bytes_; }
  std::uint64_t used_pages() const { return pages_ - kernel::kernel_pages_left(unlocked()).value(); }

 private:
  std::uint64_t pages_;
  std::byte* bytes_;
};

/// A machine as after power-on (fake_machine.hpp) and a kernel with this much memory of its own, the fake RAM for
/// silos, and no silo yet.
/// `cores`: that run silos, bit by bit.
void initialize_kernel(std::uint64_t arena_pages = 1024, std::uint64_t cores = 1);

}  // namespace fakes
