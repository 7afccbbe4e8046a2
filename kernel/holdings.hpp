// SPDX-License-Identifier: Apache-2.0
//
// What a silo held that has faulted: calls that it has taken and not answered, and messages that nobody has read. Said
// before its threads end and its capabilities go, for nobody knows it afterwards.
#pragma once

#include <cstdint>

#include "kernel/kernel_memory.hpp"

namespace kernel {

class Silo;

/// How far that is; all said from the beginning, until begin() is called.
class Holdings {
 public:
  void begin() { *this = Holdings(0); }
  Holdings() = default;

  /// One bounded step: false when there is nothing more to say, and ever after. On the silo's own core.
  bool say_next(Unlocked held, const Silo& silo);

 private:
  static constexpr std::uint32_t kAllSaid = ~std::uint32_t{0};
  static constexpr std::uint32_t kSlotsInAStep = 64;
  explicit Holdings(std::uint32_t thread) : thread_(thread) {}
  bool say_owed(const Silo& silo);

  std::uint32_t thread_ = kAllSaid;
  std::uint32_t slot_ = 0;
};

}  // namespace kernel
