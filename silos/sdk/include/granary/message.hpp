// SPDX-License-Identifier: Apache-2.0
//
// What travels: Message (an opcode of the user's choice and eight words, by value, in registers), and what a receiver
// gets with it: the sender's badge and label, stamped by the kernel, a capability if one came along, and the Token that
// answers a call once.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "ipc/abi/abi.hpp"

namespace granary {

struct Message {
  std::uint64_t opcode = 0;
  std::array<std::uint64_t, abi::kMessageWords> words{};

  /// A message that carries a copy of `value`: any trivially copyable type of at most 64 bytes.
  template <typename T>
  static Message of(std::uint64_t opcode, const T& value) {
    static_assert(std::is_trivially_copyable_v<T>, "a message carries plain data only");
    static_assert(sizeof(T) <= sizeof(words), "a message carries at most 64 bytes");
    Message message{opcode};
    std::memcpy(message.words.data(), &value, sizeof value);
    return message;
  }
  /// The value that `of` put in. The sender decides the bytes: check what matters.
  template <typename T>
  T as() const {
    static_assert(std::is_trivially_copyable_v<T>, "a message carries plain data only");
    static_assert(sizeof(T) <= sizeof(words), "a message carries at most 64 bytes");
    T value;
    std::memcpy(static_cast<void*>(&value), words.data(), sizeof value);
    return value;
  }

  constexpr bool operator==(const Message&) const = default;
};

/// The right to answer one call, once. It can be moved, not copied; the kernel refuses a second use and any other
/// thread. A token that is dropped leaves its caller waiting until its deadline or the end of this silo.
class [[nodiscard]] Token {
 public:
  constexpr Token() = default;
  constexpr explicit Token(std::uint64_t value) : value_(value) {}
  constexpr Token(Token&& other) noexcept : value_(other.release()) {}
  constexpr Token& operator=(Token&& other) noexcept {
    value_ = other.release();
    return *this;
  }
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;
  ~Token() = default;

  /// False after a send (nobody waits for an answer) and after use.
  constexpr explicit operator bool() const { return value_ != 0; }
  constexpr std::uint64_t value() const { return value_; }
  /// Gives the bare value up to the caller.
  constexpr std::uint64_t release() {
    const std::uint64_t value = value_;
    value_ = 0;
    return value;
  }

 private:
  std::uint64_t value_ = 0;
};

/// What the manifest says of the silo that sent something (`label = { tier, family, compartment }`).
struct Label {
  std::uint32_t value = 0;

  constexpr unsigned tier() const { return value & 0xff; }         ///< 0 critical, 1 system, 2 user
  constexpr unsigned family() const { return value >> 8 & 0xff; }  ///< in the order of docs/manifest.md
  constexpr unsigned compartment() const { return value >> 16; }
  constexpr bool operator==(const Label&) const = default;
};

/// A capability that came with a message. It is this silo's now: as<Port>() names it.
struct Capability {
  std::uint64_t handle = 0;
  std::uint64_t rights = 0;  ///< GRANARY_RIGHT_...

  constexpr explicit operator bool() const { return handle != 0; }
  template <typename T>
  constexpr T as() const {
    return T(handle);
  }
};

/// What a port's receiver gets.
struct Request {
  Message message;
  std::uint64_t badge = 0;  ///< of the capability that the sender used; the kernel wrote it
  Token token;              ///< empty if it was sent and not called
  bool reply_lost = false;  ///< the reply given in the same reply_and_receive found its caller gone
  Label sender{};
  Capability carried{};

  bool is_call() const { return static_cast<bool>(token); }
  Label label() const { return sender; }
  /// Empty if none came along.
  Capability capability() const { return carried; }
};

/// What the receiver of a channel or AsyncChan gets, and a caller with call_accepting.
struct Delivery {
  Message message;
  std::uint64_t badge = 0;
  Label sender{};
  Capability carried{};

  Label label() const { return sender; }
  Capability capability() const { return carried; }
};

}  // namespace granary
