// SPDX-License-Identifier: Apache-2.0
//
// Relaxed<T>: what one core writes and others look at while it goes on: a thread's state, a count, a pointer into a
// pool, whose slots hold the same type for ever (kernel/object_pool.hpp). Whoever looks, by load(), gets some value
// that it had, whole, and must not conclude from it that anything else holds; who looks twice may get two. ORDERING:
// none.
//
// SAFETY: what its own core does is plain. GCC splits no aligned store of up to eight bytes, and each is single-copy
// atomic, in a pair too (DDI 0487, B2.2.1). A relaxed std::atomic, which GCC gives no offset from a register, would
// take one instruction more for each use: 38 in a message to and fro. Host tests have that one, so that
// ThreadSanitizer knows what is meant (test/checked/kernel/base/relaxed.hpp).
#pragma once

#include <type_traits>

namespace base {

template <typename T>
class Relaxed {
 public:
  constexpr Relaxed() : value_(T{}) {}
  constexpr Relaxed(T value) : value_(value) {}  // NOLINT(google-explicit-constructor): it stands for a T
  Relaxed& operator=(T value) {
    value_ = value;
    return *this;
  }
  operator T() const { return value_; }  // NOLINT(google-explicit-constructor)
  T operator->() const { return value_; }
  /// Of whoever may be on another core.
  T load() const {
    T value;
    __atomic_load(&value_, &value, __ATOMIC_RELAXED);
    return value;
  }

  Relaxed& operator++() { return *this = value_ + 1; }
  Relaxed& operator+=(T more) { return *this = value_ + more; }
  Relaxed& operator-=(T less) { return *this = value_ - less; }

 private:
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= 8 && alignof(T) == sizeof(T));
  T value_;
};

}  // namespace base
