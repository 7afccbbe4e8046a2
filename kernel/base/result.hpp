// SPDX-License-Identifier: Apache-2.0
//
// Result<T>: a value or an Error, never both, never neither. Dropping one does not compile (-Werror), reading the value
// of an error traps. TRY(expression) hands an error to the caller and otherwise yields the value. A Result<T> of a
// trivially copyable T is returned in registers (checked below), so it costs what an int would.
#pragma once

#include <type_traits>
#include <utility>

#include "kernel/base/error.hpp"

namespace base {

template <typename T>
class [[nodiscard]] Result {
 public:
  static_assert(std::is_trivially_copyable_v<T>, "Result carries small plain values");
  // Implicit on purpose: `return value;` and `return Error::EINVAL;` are the two ways to end a function.
  constexpr Result(T value) : value_(value), error_{}, ok_(true) {}
  constexpr Result(Error error) : value_{}, error_(error), ok_(false) {}

  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }
  constexpr Error error() const { return error_; }
  constexpr T value() const {
    if (!ok_) __builtin_trap();
    return value_;
  }
  constexpr T value_or(T other) const { return ok_ ? value_ : other; }

 private:
  T value_;
  Error error_;
  bool ok_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() : error_{}, ok_(true) {}
  constexpr Result(Error error) : error_(error), ok_(false) {}
  constexpr bool ok() const { return ok_; }
  constexpr explicit operator bool() const { return ok_; }
  constexpr Error error() const { return error_; }
  constexpr void value() const {
    if (!ok_) __builtin_trap();
  }

 private:
  Error error_;
  bool ok_;
};

static_assert(std::is_trivially_copyable_v<Result<int>> && sizeof(Result<unsigned long>) == 16);

}  // namespace base

// A statement expression, so that `auto page = TRY(allocate());` reads as a value; both compilers accept it as an
// extension.
#define TRY(expression)                                \
  __extension__({                                      \
    auto try_result_ = (expression);                   \
    if (!try_result_.ok()) return try_result_.error(); \
    try_result_.value();                               \
  })
