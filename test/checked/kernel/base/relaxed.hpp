// SPDX-License-Identifier: Apache-2.0
//
// Relaxed as host tests have it, in place of kernel/base/relaxed.hpp: ThreadSanitizer knows of atomics only.
#pragma once

#include <atomic>

namespace base {

template <typename T>
class Relaxed {
 public:
  constexpr Relaxed() : value_(T{}) {}
  constexpr Relaxed(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): it stands for a T
  constexpr Relaxed(const Relaxed& other) : value_(other.load()) {}
  Relaxed& operator=(const Relaxed& other) { return *this = other.load(); }
  Relaxed& operator=(T value) {
    value_.store(value, std::memory_order_relaxed);
    return *this;
  }
  T load() const { return value_.load(std::memory_order_relaxed); }
  operator T() const { return load(); }  // NOLINT(google-explicit-constructor)
  T operator->() const { return load(); }

  // Of its own core alone: a load and a store.
  Relaxed& operator++() { return *this = load() + 1; }
  Relaxed& operator+=(T more) { return *this = load() + more; }
  Relaxed& operator-=(T less) { return *this = load() - less; }

 private:
  std::atomic<T> value_;
  static_assert(sizeof(std::atomic<T>) == sizeof(T) && std::atomic<T>::is_always_lock_free);
};

}  // namespace base
