// SPDX-License-Identifier: Apache-2.0
//
// One question to the firmware of a Raspberry Pi, in the buffer of its mailbox's property channel, and its answer. The
// firmware writes the answer where the question was; each word of it is read once, and believed only if tag and length
// are those that were asked for. Tested on the host.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace drivers {

struct Property {
  enum class Tag : std::uint32_t {
    FirmwareRevision = 0x00000001,
    BoardRevision = 0x00010002,
    ClockRate = 0x00030002,           ///< of a clock
    Temperature = 0x00030006,         ///< of sensor 0, in thousandths of a degree
    HighestTemperature = 0x0003000a,  ///< the same
  };
  static constexpr std::size_t kMostWords = 2;  ///< of a question or answer
  static constexpr std::size_t kBufferWords = 6 + kMostWords;
  using Words = std::array<std::uint32_t, kMostWords>;

  /// The question, with a first word for tags that want one.
  static void ask(std::span<volatile std::uint32_t, kBufferWords> buffer, Tag tag, std::uint32_t word) {
    const std::uint32_t content[kBufferWords] = {
        kBufferWords * 4, 0, static_cast<std::uint32_t>(tag), kMostWords * 4, 0, word, 0, 0};
    for (std::size_t i = 0; i < kBufferWords; ++i) buffer[i] = content[i];
  }
  /// What the firmware says, at least `wanted` words of it; none if it has not answered, or not this.
  static std::optional<Words> answer(std::span<const volatile std::uint32_t, kBufferWords> buffer, Tag tag,
                                     std::size_t wanted) {
    if (buffer[1] != kDone || buffer[2] != static_cast<std::uint32_t>(tag)) return std::nullopt;
    const std::uint32_t code = buffer[4];
    const std::uint32_t bytes = code & ~kAnswered;
    if ((code & kAnswered) == 0 || bytes < wanted * 4 || bytes > kMostWords * 4) return std::nullopt;
    Words words{};
    for (std::size_t i = 0; i < bytes / 4; ++i) words[i] = buffer[5 + i];
    return words;
  }

 private:
  static constexpr std::uint32_t kDone = 0x80000000, kAnswered = 0x80000000;
};

/// What clients of the mailbox driver may ask: a question without effect. The answer's opcode is a BoardStatus, its
/// first word what was asked for.
enum class BoardQuestion : std::uint64_t {
  Temperature = 1,
  HighestTemperature,
  ClockRate,
  BoardRevision,
  FirmwareRevision
};
enum class BoardStatus : std::uint64_t { Done, UnknownQuestion, NoAnswer };
/// The first word of ClockRate.
enum class BoardClock : std::uint64_t { Uart = 2, Arm = 3, Core = 4 };

/// What is asked for by a question, and which word of the answer it is; none for a question that does not exist.
struct PropertyQuestion {
  Property::Tag tag;
  std::uint32_t word;
  std::size_t place;

  static constexpr std::optional<PropertyQuestion> of(std::uint64_t question, std::uint64_t word) {
    switch (static_cast<BoardQuestion>(question)) {
      case BoardQuestion::Temperature: return PropertyQuestion{Property::Tag::Temperature, 0, 1};
      case BoardQuestion::HighestTemperature: return PropertyQuestion{Property::Tag::HighestTemperature, 0, 1};
      case BoardQuestion::ClockRate:
        if (word > 0xff) return std::nullopt;
        return PropertyQuestion{Property::Tag::ClockRate, static_cast<std::uint32_t>(word), 1};
      case BoardQuestion::BoardRevision: return PropertyQuestion{Property::Tag::BoardRevision, 0, 0};
      case BoardQuestion::FirmwareRevision: return PropertyQuestion{Property::Tag::FirmwareRevision, 0, 0};
    }
    return std::nullopt;
  }
};

}  // namespace drivers
