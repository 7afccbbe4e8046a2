// SPDX-License-Identifier: Apache-2.0
//
// Small numbers with a meaning, each its own type; and Ticks, the unit of all time in the kernel.
#pragma once

#include <compare>
#include <cstdint>

namespace base {

template <typename Kind, typename Value>
class Id {
 public:
  constexpr Id() = default;
  constexpr explicit Id(Value value) : value_(value) {}
  constexpr Value value() const { return value_; }
  constexpr bool operator==(const Id&) const = default;

 private:
  Value value_ = 0;
};

using CoreId = Id<struct CoreKind, std::uint32_t>;            ///< 0 is the boot core; dense
using SiloId = Id<struct SiloKindId, std::uint32_t>;          ///< the silo's place in the system image
using Vmid = Id<struct VmidKind, std::uint32_t>;              ///< 0 is "no silo"
using InterruptId = Id<struct InterruptKind, std::uint32_t>;  ///< GIC INTID

/// Priority of a thread, 0 to 63. Deliberately without <: say which one is more urgent.
class Priority {
 public:
  constexpr Priority() = default;
  constexpr explicit Priority(std::uint8_t value) : value_(value) {}
  constexpr std::uint8_t value() const { return value_; }
  constexpr bool is_more_urgent_than(Priority other) const { return value_ > other.value_; }
  constexpr bool operator==(const Priority&) const = default;

 private:
  std::uint8_t value_ = 0;
};

/// A point on, or a length of, the counter CNTVCT_EL0 = CNTPCT_EL0 (CNTVOFF_EL2 is 0 on every core). Wraps after
/// centuries.
class Ticks {
 public:
  constexpr Ticks() = default;
  constexpr explicit Ticks(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  static constexpr Ticks forever() { return Ticks(~std::uint64_t{0}); }
  constexpr bool is_forever() const { return value_ == ~std::uint64_t{0}; }
  constexpr Ticks operator+(Ticks length) const { return Ticks(value_ + length.value_); }
  constexpr auto operator<=>(const Ticks&) const = default;

 private:
  std::uint64_t value_ = 0;
};

}  // namespace base
