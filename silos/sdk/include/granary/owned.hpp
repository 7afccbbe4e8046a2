// SPDX-License-Identifier: Apache-2.0
//
// Owned: a handle that is closed when it goes out of scope, for what a silo makes or receives at run time. (The handles
// of the manifest stay as long as the silo, and need none of this.) Mapping: the same for mapped memory of a region.
//
//   Owned<Channel> own(ends.first);                    // own->send(...), *own, own.get()
//   const auto memory = Mapping::of(region, read_write).value();      // memory.bytes()
//
// INVARIANT: a handle has one owner at most; moving from an owner leaves it empty.
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "granary/objects.hpp"
#include "granary/region.hpp"

namespace granary {

template <typename T>
class [[nodiscard]] Owned {
 public:
  constexpr Owned() = default;
  constexpr explicit Owned(T handle) : handle_(handle) {}
  constexpr Owned(Owned&& other) noexcept : handle_(other.release()) {}
  constexpr Owned& operator=(Owned&& other) noexcept {
    reset(other.release());
    return *this;
  }
  constexpr ~Owned() { reset(); }

  constexpr T get() const { return handle_; }
  constexpr const T& operator*() const { return handle_; }
  constexpr const T* operator->() const { return &handle_; }
  constexpr explicit operator bool() const { return static_cast<bool>(handle_); }

  /// It is no longer closed here.
  constexpr T release() { return std::exchange(handle_, T()); }
  /// Closes what it has. That it is gone already (revoked, a peer's end) is no failure.
  constexpr void reset(T handle = T()) {
    const T old = std::exchange(handle_, handle);
    if (old) old.close().ignore();
  }

 private:
  T handle_{};
};

/// `const auto port = owned(Port::create()).value()`.
template <typename T>
Result<Owned<T>> owned(const Result<T>& handle) {
  if (!handle) return handle.error();
  return Owned<T>(*handle);
}

/// Memory of a region, unmapped when it goes out of scope.
class [[nodiscard]] Mapping {
 public:
  static Result<Mapping> of(const Region& region, RegionAccess access) {
    const Result<std::span<std::byte>> bytes = region.map(access);
    if (!bytes) return bytes.error();
    return Mapping(region, *bytes);
  }
  Mapping() = default;
  Mapping(Mapping&& other) noexcept : region_(other.region_), bytes_(std::exchange(other.bytes_, {})) {}
  Mapping& operator=(Mapping&& other) noexcept {
    std::swap(region_, other.region_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~Mapping() {
    if (!bytes_.empty()) region_.unmap(bytes_).ignore();
  }
  std::span<std::byte> bytes() const { return bytes_; }

 private:
  Mapping(Region region, std::span<std::byte> bytes) : region_(region), bytes_(bytes) {}
  Region region_;
  std::span<std::byte> bytes_;
};

}  // namespace granary
