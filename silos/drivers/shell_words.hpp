// SPDX-License-Identifier: Apache-2.0
//
// Numbers and bits of the interface in words, for people. Tested on the host.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ipc/abi/abi.hpp"

namespace drivers {

constexpr const char* state_in_words(abi::SiloState state) {
  switch (state) {
    case abi::SiloState::Ready: return "ready";
    case abi::SiloState::Running: return "running";
    case abi::SiloState::Exited: return "exited";
    case abi::SiloState::Faulted: return "faulted";
    case abi::SiloState::Killed: return "killed";
  }
  return "?";
}

constexpr const char* state_in_words(abi::ThreadState state) {
  switch (state) {
    case abi::ThreadState::Ready: return "ready";
    case abi::ThreadState::Running: return "running";
    case abi::ThreadState::Blocked: return "blocked";
    case abi::ThreadState::Ending: return "ending";
    case abi::ThreadState::Dead: return "dead";
  }
  return "?";
}

constexpr const char* wait_in_words(abi::ThreadWait wait) {
  switch (wait) {
    case abi::ThreadWait::Nothing: return "-";
    case abi::ThreadWait::PortRoom: return "room in";
    case abi::ThreadWait::PortCall: return "call to";
    case abi::ThreadWait::Reply: return "reply by";
    case abi::ThreadWait::PortMessage: return "message to";
    case abi::ThreadWait::ChannelRoom: return "room in";
    case abi::ThreadWait::ChannelMessage: return "message from";
    case abi::ThreadWait::Event: return "event of";
    case abi::ThreadWait::Any: return "several events";
    case abi::ThreadWait::Time: return "time";
    case abi::ThreadWait::Kernel: return "the kernel";
  }
  return "?";
}

constexpr const char* fault_in_words(abi::FaultKind kind) {
  switch (kind) {
    case abi::FaultKind::None: return "none";
    case abi::FaultKind::Translation: return "nothing mapped";
    case abi::FaultKind::Permission: return "not permitted";
    case abi::FaultKind::AddressSize: return "address beyond";
    case abi::FaultKind::Alignment: return "misaligned";
    case abi::FaultKind::UndefinedInstruction: return "undefined instruction";
    case abi::FaultKind::TrappedRegister: return "trapped register";
    case abi::FaultKind::Breakpoint: return "breakpoint";
    case abi::FaultKind::FloatingPoint: return "floating point";
    case abi::FaultKind::ExternalAbort: return "external abort";
    case abi::FaultKind::Other: return "other";
    default: return "?";
  }
}

constexpr const char* type_in_words(abi::ObjectType type) {
  switch (type) {
    case abi::ObjectType::None: return "none";
    case abi::ObjectType::Port: return "port";
    case abi::ObjectType::Channel: return "channel";
    case abi::ObjectType::Console: return "console";
    case abi::ObjectType::Silo: return "silo";
    case abi::ObjectType::System: return "system";
    case abi::ObjectType::AsyncChannel: return "async";
    case abi::ObjectType::Notification: return "notification";
    case abi::ObjectType::Semaphore: return "semaphore";
    case abi::ObjectType::Timer: return "timer";
    case abi::ObjectType::Region: return "region";
    case abi::ObjectType::Audit: return "audit";
    case abi::ObjectType::Trace: return "trace";
    case abi::ObjectType::Interrupt: return "interrupt";
  }
  return "?";
}

/// The names of rights.def, small and without the type in front, with blanks between: "duplicate send call".
struct RightsText {
  char text[160] = {};
  std::size_t length = 0;

  constexpr explicit RightsText(std::uint64_t rights) {
#define RIGHT(name, bit, type, what) \
  if ((rights >> (bit)&1) != 0) add(#name, #type);
#include "ipc/abi/rights.def"
#undef RIGHT
  }
  constexpr std::string_view view() const { return {text, length}; }

 private:
  constexpr void put(char character) {
    if (length + 1 < sizeof text) text[length++] = character;
  }
  constexpr void add(std::string_view name, std::string_view type) {
    if (type == "AsyncChannel") type = "Async";
    if (name.starts_with(type) && name.size() > type.size()) name.remove_prefix(type.size());
    if (length != 0) put(' ');
    for (const char letter : name) put(letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter);
  }
};

/// A number without a sign; false if it is none.
constexpr bool read_number(std::string_view text, std::uint32_t& number) {
  constexpr std::size_t kDigits = 9;
  if (text.empty() || text.size() > kDigits) return false;
  number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + static_cast<std::uint32_t>(digit - '0');
  }
  return true;
}

}  // namespace drivers
