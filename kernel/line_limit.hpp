// SPDX-License-Identifier: Apache-2.0
//
// LineLimit: how often an interrupt line may fire. Each time costs a token; tokens come at the rate, and so many as the
// burst can be there. The clock is read only when they are used up, so that firing costs a subtraction; therefore two
// bursts can follow each other closely, and in any time T there are no more than rate * T + 2 * burst.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"

namespace kernel {

class LineLimit {
 public:
  constexpr LineLimit() = default;
  /// `rate` per second, 1 to the frequency; `burst` at least 1. All tokens are there at `now`.
  constexpr LineLimit(std::uint32_t rate, std::uint32_t burst, std::uint64_t frequency, base::Ticks now)
      : ticks_per_token_(frequency / rate), last_(now), burst_(burst), tokens_(burst) {}

  bool is_used_up() const { return tokens_ == 0; }
  void take() { --tokens_; }  ///< there is one
  /// What time has given; a time before the last one gives nothing.
  void refill(base::Ticks now) {
    if (now < last_) return;
    const std::uint64_t given = (now.value() - last_.value()) / ticks_per_token_;
    if (given >= burst_ - tokens_) {
      tokens_ = burst_;
      last_ = now;
      return;
    }
    tokens_ += static_cast<std::uint32_t>(given);
    last_ = base::Ticks(last_.value() + given * ticks_per_token_);
  }
  /// When the next token is there.
  base::Ticks next() const { return base::Ticks(last_.value() + ticks_per_token_); }

 private:
  std::uint64_t ticks_per_token_ = 1;
  base::Ticks last_;
  std::uint32_t burst_ = 1;
  std::uint32_t tokens_ = 1;
};

}  // namespace kernel
