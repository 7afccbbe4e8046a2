// SPDX-License-Identifier: Apache-2.0
//
// Addresses of three kinds that must never be mixed: physical, kernel virtual (EL2) and silo (a silo's virtual
// addresses are its IPAs, design 2.2). Construction is explicit; only offsets can be added, only equal kinds compared
// or subtracted.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace base {

inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr unsigned kPageShift = 12;

template <typename Kind>
class Address {
 public:
  constexpr Address() = default;
  constexpr explicit Address(std::uint64_t value) : value_(value) {}
  constexpr std::uint64_t value() const { return value_; }
  constexpr bool is_page_aligned() const { return value_ % kPageSize == 0; }
  constexpr Address page() const { return Address(value_ & ~(kPageSize - 1)); }
  constexpr std::uint64_t offset_in_page() const { return value_ % kPageSize; }
  constexpr Address operator+(std::uint64_t bytes) const { return Address(value_ + bytes); }
  constexpr std::uint64_t operator-(Address other) const { return value_ - other.value_; }
  constexpr auto operator<=>(const Address&) const = default;

 private:
  std::uint64_t value_ = 0;
};

using PhysicalAddress = Address<struct PhysicalKind>;
using VirtualAddress = Address<struct KernelVirtualKind>;  ///< at EL2
using SiloAddress = Address<struct SiloKind>;              ///< at EL0; virtual address and IPA are the same

/// A number of 4 KiB pages.
class PageCount {
 public:
  constexpr PageCount() = default;
  constexpr explicit PageCount(std::uint64_t pages) : pages_(pages) {}
  /// As many pages as `bytes` need; bytes up to 2^64 - 4096.
  static constexpr PageCount containing(std::uint64_t bytes) { return PageCount((bytes + kPageSize - 1) / kPageSize); }
  constexpr std::uint64_t value() const { return pages_; }
  constexpr std::uint64_t bytes() const { return pages_ * kPageSize; }
  constexpr auto operator<=>(const PageCount&) const = default;

 private:
  std::uint64_t pages_ = 0;
};

}  // namespace base
