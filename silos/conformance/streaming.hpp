// SPDX-License-Identifier: Apache-2.0
//
// What stream_writer.cpp sends to stream_reader.cpp through a region of the manifest, byte by byte.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "granary/notification_doorbell.hpp"

namespace conformance {

inline constexpr std::size_t kRingMessages = 512;  ///< 32 KiB: everything sent is longer
inline constexpr std::array<std::size_t, 3> kLengths{64 << 10, 256 << 10, 1 << 20};
inline constexpr std::size_t kMessages = 20'000;
inline constexpr std::size_t kPiece = 5'000;  ///< bytes at a time, so that pieces lie across the ring's end

/// Byte number `at` of a transfer.
constexpr std::byte byte_of(std::size_t length, std::size_t at) {
  return static_cast<std::byte>((at * 2654435761u + length) >> 13);
}
inline granary::StreamMessage message_of(std::uint64_t number) {
  granary::StreamMessage message;
  for (std::size_t i = 0; i < message.words.size(); ++i) message.words[i] = number * 0x9e3779b97f4a7c15 + i;
  return message;
}

}  // namespace conformance
