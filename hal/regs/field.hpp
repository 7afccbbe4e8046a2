// SPDX-License-Identifier: Apache-2.0
//
// Registers as values: a register is read, named fields are changed, and it is written once. Field<Register, high, low,
// Type> names a run of bits with the manual's name; this file is the only place with shifts and masks. A layout struct
// lists its fields high to low, states its reserved-one bits, and asserts known values beside them. Layouts are
// host-clean: no access to any register happens here (hal/aarch64/sysreg.hpp and hal/mmio.hpp do that).
#pragma once

#include <cstdint>
#include <type_traits>

namespace hal::regs {

/// Bits `kHigh` to `kLow` (inclusive) of `Register`, seen as `Type`: an integer, bool, or an enum of the field's
/// values.
template <typename Register, unsigned kHigh, unsigned kLow, typename Type = std::uint64_t>
struct Field {
  static_assert(kLow <= kHigh && kHigh < 64, "bits are listed high, low");
  static constexpr std::uint64_t kOnes = ~std::uint64_t{0} >> (63 - (kHigh - kLow));
  static constexpr std::uint64_t kMask = kOnes << kLow;

  static constexpr Type extract(std::uint64_t bits) { return static_cast<Type>((bits >> kLow) & kOnes); }
  static constexpr std::uint64_t insert(std::uint64_t bits, Type value) {
    const auto number = static_cast<std::uint64_t>(value);
    // A constant that does not fit fails to compile; at run time no other field is ever touched.
    if (std::is_constant_evaluated() && (number & ~kOnes) != 0) __builtin_trap();
    return (bits & ~kMask) | ((number & kOnes) << kLow);
  }
};

/// One bit, seen as bool.
template <typename Register, unsigned kAt>
using Bit = Field<Register, kAt, kAt, bool>;

/// An address whose bits `kHigh` to `kLow` stand in the register at their own place (table and block addresses).
template <typename Register, unsigned kHigh, unsigned kLow>
struct AddressField {
  static constexpr std::uint64_t kMask = Field<Register, kHigh, kLow>::kMask;
  static constexpr std::uint64_t extract(std::uint64_t bits) { return bits & kMask; }
  static constexpr std::uint64_t insert(std::uint64_t bits, std::uint64_t address) {
    if (std::is_constant_evaluated() && (address & ~kMask) != 0) __builtin_trap();
    return (bits & ~kMask) | (address & kMask);
  }
};

/// Base of every layout: `struct HcrEl2 : Register<HcrEl2> { ... }`. A value starts as the layout's reserved ones.
template <typename Self>
struct Register {
  std::uint64_t bits = 0;

  /// All fields zero, reserved-one bits one (Self::kReservedOnes, 0 if the layout does not say).
  static constexpr Self make() {
    if constexpr (requires { Self::kReservedOnes; }) {
      return from(Self::kReservedOnes);
    } else {
      return from(0);
    }
  }
  static constexpr Self from(std::uint64_t bits) {
    Self value;
    value.bits = bits;
    return value;
  }
  template <unsigned kHigh, unsigned kLow, typename Type>
  constexpr Type get(Field<Self, kHigh, kLow, Type> field) const {
    return field.extract(bits);
  }
  template <unsigned kHigh, unsigned kLow>
  constexpr std::uint64_t get(AddressField<Self, kHigh, kLow> field) const {
    return field.extract(bits);
  }
  template <unsigned kHigh, unsigned kLow, typename Type>
  [[nodiscard]] constexpr Self with(Field<Self, kHigh, kLow, Type> field, std::type_identity_t<Type> value) const {
    return from(field.insert(bits, value));
  }
  template <unsigned kHigh, unsigned kLow>
  [[nodiscard]] constexpr Self with(AddressField<Self, kHigh, kLow> field, std::uint64_t address) const {
    return from(field.insert(bits, address));
  }
  constexpr bool operator==(const Register&) const = default;
};

/// A register that is only ever written as a whole (mostly with 0), so its fields need no names here.
struct PlainRegister : Register<PlainRegister> {};

}  // namespace hal::regs
