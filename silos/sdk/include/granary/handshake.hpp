// SPDX-License-Identifier: Apache-2.0
//
// A first exchange by which a client and a server find out that they speak one protocol: Hello (20 bytes) is the first
// call, Welcome (16 bytes) its answer. A convention of silos, in plain messages: the kernel knows nothing of it.
//   client: greet(port, {.major = 1, .minor = 2}, 10ms)         server: answer(*hello_of(request.message), mine)
// Versions fit if the major numbers are equal and the server's minor one is not the lower one. What comes from the
// other side is checked here: magic, version of this exchange, status.
#pragma once

#include <optional>

#include "granary/message.hpp"

namespace granary::handshake {

inline constexpr std::uint32_t kMagic = 0x49504339;  ///< "IPC9"
inline constexpr std::uint16_t kVersion = 1;         ///< of this exchange
inline constexpr std::uint64_t kOpcode = kMagic;

/// Of the protocol that the two want to speak.
struct Version {
  std::uint16_t major = 0, minor = 0;
  constexpr bool operator==(const Version&) const = default;
};

enum class Status : std::uint16_t { Ok = 0, VersionMismatch = 1, Rejected = 2 };

struct Hello {
  std::uint32_t magic = kMagic;
  std::uint16_t version = kVersion, reserved = 0;
  Version client = {};
  std::uint32_t nonce = 0, flags = 0;  ///< for the protocol; the answer does not repeat them
};
struct Welcome {
  std::uint32_t magic = kMagic;
  std::uint16_t version = kVersion;
  Status status = Status::Rejected;
  Version server = {};
  std::uint32_t flags = 0;
};
static_assert(sizeof(Hello) == 20 && sizeof(Welcome) == 16, "what travels has these sizes");

constexpr bool fits(Version client, Version server) {
  return client.major == server.major && client.minor <= server.minor;
}

inline Message message_of(const Hello& hello) { return Message::of(kOpcode, hello); }
/// Nothing if it is not the first message of this exchange, in this or an earlier version of it.
inline std::optional<Hello> hello_of(const Message& message) {
  const Hello hello = message.as<Hello>();
  if (message.opcode != kOpcode || hello.magic != kMagic || hello.version == 0) return std::nullopt;
  return hello;
}

/// What a server answers that is willing; `permitted` false rejects the client whatever its version.
inline Message answer(const Hello& hello, Version server, bool permitted = true) {
  Welcome welcome{.server = server};
  if (permitted) {
    const bool good = hello.version == kVersion && fits(hello.client, server);
    welcome.status = good ? Status::Ok : Status::VersionMismatch;
  }
  return Message::of(kOpcode, welcome);
}
/// What the answer says; Rejected if it is none.
inline Welcome welcome_of(const Message& message) {
  const Welcome welcome = message.as<Welcome>();
  const bool good = message.opcode == kOpcode && welcome.magic == kMagic && welcome.version == kVersion &&
                    (welcome.status == Status::Ok || welcome.status == Status::VersionMismatch);
  return good ? welcome : Welcome{};
}

/// The client's side in one call: port is a granary::Port. Fails as port.call does.
template <typename Port, typename Deadline>
auto greet(const Port& port, Version mine, Deadline deadline) -> decltype(port.call(Message{}, deadline)) {
  return port.call(message_of(Hello{.client = mine}), deadline);
}

}  // namespace granary::handshake
