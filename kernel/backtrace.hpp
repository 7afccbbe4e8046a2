// SPDX-License-Identifier: Apache-2.0
//
// StackWalk: who called whom, by the chain of frame records (AAPCS64 6.2.3: X29 points to the caller's X29 and the
// return address). Everything in the chain is a silo's word: each pointer is followed only if it is aligned, lies in
// the thread's stack, and is above the one before, so the walk ends; nothing but two words of that stack is ever read.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

class StackWalk {
 public:
  static constexpr unsigned kFramesMaximum = 16;

  constexpr StackWalk() = default;
  StackWalk(const Silo& silo, const Thread& thread);

  /// The next return address, the innermost first. Nothing: it ends here, and end_in_words() says why. Reads memory
  /// once.
  std::optional<std::uint64_t> next();
  std::string_view end_in_words() const;

 private:
  enum class End : std::uint8_t { Open, Outermost, TooDeep, NoStack, Astray, Unreadable };
  const Silo* silo_ = nullptr;
  const Region* stack_ = nullptr;
  std::uint64_t frame_ = 0;   ///< the record that comes next
  std::uint64_t lowest_ = 0;  ///< it must not be below
  unsigned depth_ = 0;
  End end_ = End::NoStack;
};

}  // namespace kernel
