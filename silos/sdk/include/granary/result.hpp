// SPDX-License-Identifier: Apache-2.0
//
// Error and Result: how every call that can fail says so. No exceptions: a result is tested before its value is used,
// and ignoring one is a compiler warning. Using the value of a failed result ends the silo with a sentence; it is
// never garbage.
#pragma once

#include <cstdint>
#include <utility>

#include "ipc/abi/abi.hpp"

namespace granary {

/// Why a call failed. Compares with the constants below; message() is for people.
class Error {
 public:
  constexpr explicit Error(int number) : number_(number) {}

  /// The number of errors.def, positive. (Not errno's: picolibc numbers some of them differently.)
  constexpr int number() const { return number_; }
  /// "ETIMEDOUT"
  constexpr const char* name() const {
    switch (number_) {
#define ERROR(error_name, error_number, text) \
  case error_number:                          \
    return #error_name;
#include "ipc/abi/errors.def"
#undef ERROR
      default: return "unknown error";
    }
  }
  /// "the deadline has passed"
  constexpr const char* message() const {
    switch (number_) {
#define ERROR(error_name, error_number, text) \
  case error_number:                          \
    return text;
#include "ipc/abi/errors.def"
#undef ERROR
      default: return "unknown error";
    }
  }
  constexpr bool operator==(const Error&) const = default;

 private:
  int number_;
};

inline constexpr Error kNotPermitted{1};      ///< EPERM: another type, or the right is missing
inline constexpr Error kNotFound{2};          ///< ENOENT
inline constexpr Error kBadHandle{9};         ///< EBADF
inline constexpr Error kWouldBlock{11};       ///< EAGAIN
inline constexpr Error kNoMemory{12};         ///< ENOMEM
inline constexpr Error kForbiddenFlow{13};    ///< EACCES: the flow policy says that these silos never talk
inline constexpr Error kBusy{16};             ///< EBUSY: too many calls taken and not answered, or work in progress
inline constexpr Error kExists{17};           ///< EEXIST
inline constexpr Error kInvalidArgument{22};  ///< EINVAL
inline constexpr Error kTableFull{28};        ///< ENOSPC
inline constexpr Error kPeerGone{32};         ///< EPIPE
inline constexpr Error kWouldDeadlock{35};    ///< EDEADLK: only a thread that waits for the caller could answer
inline constexpr Error kNoSuchCall{38};       ///< ENOSYS
inline constexpr Error kRateExceeded{105};    ///< ENOBUFS
inline constexpr Error kTimedOut{110};        ///< ETIMEDOUT
inline constexpr Error kQuotaExceeded{122};   ///< EDQUOT
inline constexpr Error kRevoked{125};         ///< ECANCELED: the capability it was blocked through is revoked

namespace detail {
#define ERROR(error_name, error_number, text) +1
static_assert(0
#include "ipc/abi/errors.def"
                  == 17,
              "an error of the interface has no constant above");
#undef ERROR

/// Prints "name: message" on the console and aborts.
[[noreturn]] void die_of(Error error);
}  // namespace detail

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)), error_(0) {}
  constexpr Result(Error error) : error_(error) {}

  constexpr bool ok() const { return error_.number() == 0; }
  constexpr explicit operator bool() const { return ok(); }
  /// Only meaningful if not ok().
  constexpr Error error() const { return error_; }

  /// The value; without one the silo ends with the error's message.
  constexpr T& value() & {
    check();
    return value_;
  }
  constexpr const T& value() const& {
    check();
    return value_;
  }
  constexpr T&& value() && {
    check();
    return std::move(value_);
  }
  constexpr T& operator*() & { return value(); }
  constexpr const T& operator*() const& { return value(); }
  constexpr T&& operator*() && { return std::move(*this).value(); }
  constexpr T* operator->() { return &value(); }
  constexpr const T* operator->() const { return &value(); }

 private:
  constexpr void check() const {
    if (!ok()) detail::die_of(error_);
  }
  T value_{};
  Error error_;
};

/// Success, or why not.
template <>
class [[nodiscard]] Result<void> {
 public:
  constexpr Result() : error_(0) {}
  constexpr Result(Error error) : error_(error) {}

  constexpr bool ok() const { return error_.number() == 0; }
  constexpr explicit operator bool() const { return ok(); }
  constexpr Error error() const { return error_; }
  /// Ends the silo with the error's message unless ok().
  constexpr void value() const {
    if (!ok()) detail::die_of(error_);
  }
  /// For the few places where nothing can be done about a failure.
  constexpr void ignore() const {}

 private:
  Error error_;
};

}  // namespace granary
