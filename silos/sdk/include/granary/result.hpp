// SPDX-License-Identifier: Apache-2.0
//
// Error and Result: how every call that can fail says so. No exceptions: a result is tested before its value is used,
// and ignoring one is a compiler warning. Using the value of a failed result ends the silo with a sentence that says
// where, which system call failed and why; it is never garbage. None of that costs anything while nothing fails.
#pragma once

#include <cstdint>
#include <utility>

#include "ipc/abi/abi.hpp"

namespace granary {

using abi::SystemCall;

/// Why a call failed. Compares with the constants below, by its number alone; the texts are for people.
class Error {
 public:
  constexpr explicit Error(int number) : Error(number, SystemCall::NULL_CALL) {}  // which cannot fail: none
  constexpr Error(int number, SystemCall call)
      : word_(static_cast<std::uint32_t>(number) | static_cast<std::uint32_t>(call) << kCallShift) {}

  /// The number of errors.def, positive. (Not errno's: picolibc numbers some of them differently.)
  constexpr int number() const { return static_cast<int>(word_ & kNumberMask); }
  /// "ETIMEDOUT"
  constexpr const char* name() const {
    switch (number()) {
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
    if (*this == Error(11) && is_async_send()) return "the AsyncChan is full, and a send to it does not wait";
    if (*this == Error(22) && system_call() == SystemCall::SYSTEM_REPLACE)
      return "the silo has no image of this number";
    if (*this == Error(22) && is_about_a_silo()) return "there is no silo of this number";
    switch (number()) {
#define ERROR(error_name, error_number, text) \
  case error_number:                          \
    return text;
#include "ipc/abi/errors.def"
#undef ERROR
      default: return "unknown error";
    }
  }
  /// "PORT_CALL": the system call that failed, or "" if it was none.
  const char* call() const;
  /// What may help: "see the rights of the handle in the manifest". Each error of the interface has some.
  const char* hint() const;
  constexpr bool operator==(const Error& other) const { return number() == other.number(); }

 private:
  template <typename T>
  friend class Result;
  static constexpr unsigned kCallShift = 16;
  static constexpr std::uint32_t kNumberMask = (1u << kCallShift) - 1;

  constexpr SystemCall system_call() const { return static_cast<SystemCall>(word_ >> kCallShift); }
  constexpr bool is_async_send() const {
    return system_call() == SystemCall::ASYNC_SEND || system_call() == SystemCall::ASYNC_SEND_BATCH;
  }
  constexpr bool is_about_a_silo() const {
    switch (system_call()) {
      case SystemCall::SYSTEM_KILL:
      case SystemCall::SYSTEM_START:
      case SystemCall::SYSTEM_RESTART:
      case SystemCall::SYSTEM_LIFE:
      case SystemCall::SYSTEM_CAPABILITIES: return true;
      default: return false;
    }
  }
  constexpr bool is_none() const { return word_ == 0; }

  /// The number, and the call above it: one word, so that a result costs what it would cost without the call.
  std::uint32_t word_;
};

inline constexpr Error kNotPermitted{1};       ///< EPERM: another type, or the right is missing
inline constexpr Error kNotFound{2};           ///< ENOENT
inline constexpr Error kBadHandle{9};          ///< EBADF
inline constexpr Error kWouldBlock{11};        ///< EAGAIN
inline constexpr Error kNoMemory{12};          ///< ENOMEM
inline constexpr Error kForbiddenFlow{13};     ///< EACCES: the flow policy says that these silos never talk
inline constexpr Error kBusy{16};              ///< EBUSY: too many calls taken and not answered, or work in progress
inline constexpr Error kExists{17};            ///< EEXIST
inline constexpr Error kOtherCore{18};         ///< EXDEV: received from on the core of its owner only
inline constexpr Error kInvalidArgument{22};   ///< EINVAL
inline constexpr Error kTableFull{28};         ///< ENOSPC
inline constexpr Error kPeerGone{32};          ///< EPIPE
inline constexpr Error kWouldDeadlock{35};     ///< EDEADLK: only a thread that waits for the caller could answer
inline constexpr Error kNoSuchCall{38};        ///< ENOSYS
inline constexpr Error kTooDeep{40};           ///< ELOOP: as many calls wait for each other as may
inline constexpr Error kDamaged{74};           ///< EBADMSG: an image of a silo
inline constexpr Error kContractMismatch{91};  ///< EPROTOTYPE: the other side was built with another contract
inline constexpr Error kPeerRestarted{104};    ///< ECONNRESET: it comes back, and the handle works on
inline constexpr Error kRateExceeded{105};     ///< ENOBUFS
inline constexpr Error kTimedOut{110};         ///< ETIMEDOUT
inline constexpr Error kQuotaExceeded{122};    ///< EDQUOT
inline constexpr Error kRevoked{125};          ///< ECANCELED: the capability it was blocked through is revoked

namespace detail {
#define ERROR(error_name, error_number, text) +1
static_assert(0
#include "ipc/abi/errors.def"
                  == 22,
              "an error of the interface has no constant above");
#undef ERROR

/// Prints "client.cpp:14: PORT_CALL: EPERM: ..." on the console and aborts.
[[noreturn]] void die_of(Error error, const char* file, unsigned line);
/// The same for operators, which cannot be told their place in the source: the address that they were used at.
[[noreturn]] void die_of(Error error);
}  // namespace detail

/// A value, or why there is none.
template <typename T>
class [[nodiscard]] Result {
 public:
  constexpr Result(T value) : value_(std::move(value)), error_(0) {}
  constexpr Result(Error error) : error_(error) {}

  constexpr bool ok() const { return error_.is_none(); }
  constexpr explicit operator bool() const { return ok(); }
  /// Only meaningful if not ok().
  constexpr Error error() const { return error_; }

  /// The value; without one the silo ends with a sentence that names this place and the error. (It is not
  /// std::source_location, which also keeps the name of each function that uses it.)
  constexpr T& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) & {
    if (!ok()) detail::die_of(error_, file, line);
    return value_;
  }
  constexpr const T& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) const& {
    if (!ok()) detail::die_of(error_, file, line);
    return value_;
  }
  constexpr T&& value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) && {
    if (!ok()) detail::die_of(error_, file, line);
    return std::move(value_);
  }
  /// The same, for a result that has been tested; the sentence can name an address only.
  constexpr T& operator*() & { return check(), value_; }
  constexpr const T& operator*() const& { return check(), value_; }
  constexpr T&& operator*() && { return check(), std::move(value_); }
  constexpr T* operator->() { return check(), &value_; }
  constexpr const T* operator->() const { return check(), &value_; }

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

  constexpr bool ok() const { return error_.is_none(); }
  constexpr explicit operator bool() const { return ok(); }
  constexpr Error error() const { return error_; }
  /// Ends the silo, with a sentence that names this place and the error, unless ok().
  constexpr void value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) const {
    if (!ok()) detail::die_of(error_, file, line);
  }
  /// For the few places where nothing can be done about a failure.
  constexpr void ignore() const {}

 private:
  Error error_;
};

}  // namespace granary
