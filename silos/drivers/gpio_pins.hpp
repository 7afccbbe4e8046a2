// SPDX-License-Identifier: Apache-2.0
//
// The pins of a BCM2711 (BCM2711 ARM Peripherals, 5.2), and what a client of the gpio driver may do with them: it takes
// a pin that the manifest leaves to clients and that nobody has, for a function; then the pin is its own until it gives
// it back. Tested on the host: `Registers` is anything with word(offset).
#pragma once

#include <array>
#include <cstdint>

#include <granary/message.hpp>

namespace drivers {

constexpr std::uint64_t kPins = 58;

enum class PinFunction : std::uint64_t {
  Input = 0,
  Output = 1,
  Alt0 = 4,
  Alt1 = 5,
  Alt2 = 6,
  Alt3 = 7,
  Alt4 = 3,
  Alt5 = 2
};
enum class PinPull : std::uint64_t { None = 0, Up = 1, Down = 2 };

enum class PinOperation : std::uint64_t {
  Take = 1,  ///< pin, function, pull
  Write,     ///< pin, level
  Read,      ///< pin; the answer's first word is its level
  GiveBack,  ///< pin; it is an input again
};
enum class PinStatus : std::uint64_t {
  Done,
  UnknownOperation,
  NoSuchPin,
  NotForClients,
  Taken,
  NotYours,
  NoSuchValue,
  NotAnOutput
};

constexpr const char* in_words(PinStatus status) {
  switch (status) {
    case PinStatus::Done: return "done";
    case PinStatus::UnknownOperation: return "there is no such operation";
    case PinStatus::NoSuchPin: return "there is no such pin";
    case PinStatus::NotForClients: return "the manifest does not leave this pin to clients";
    case PinStatus::Taken: return "another client has the pin";
    case PinStatus::NotYours: return "the pin has not been taken";
    case PinStatus::NoSuchValue: return "there is no such function, pull or level";
    case PinStatus::NotAnOutput: return "the pin is no output";
  }
  return "?";
}

template <typename Registers>
class Pins {
 public:
  /// Bit n of `for_clients`: pin n may be taken.
  Pins(const Registers& registers, std::uint64_t for_clients) : registers_(registers), for_clients_(for_clients) {}

  granary::Message serve(std::uint64_t badge, const granary::Message& request) {
    std::uint64_t level = 0;
    const PinStatus status = run(badge, request, level);
    return {static_cast<std::uint64_t>(status), {level}};
  }

 private:
  static constexpr std::uint64_t kNobody = 0;  // no client has this badge
  static constexpr std::uint64_t kFunctions = 0x00, kSet = 0x1c, kClear = 0x28, kLevels = 0x34, kPulls = 0xe4;

  PinStatus run(std::uint64_t badge, const granary::Message& request, std::uint64_t& level) {
    const std::uint64_t pin = request.words[0], value = request.words[1];
    const auto operation = static_cast<PinOperation>(request.opcode);
    if (operation < PinOperation::Take || operation > PinOperation::GiveBack) return PinStatus::UnknownOperation;
    if (pin >= kPins) return PinStatus::NoSuchPin;
    if (operation == PinOperation::Take) return take(badge, pin, value, request.words[2]);
    if (owner_[pin] != badge || badge == kNobody) return PinStatus::NotYours;
    switch (operation) {
      case PinOperation::Take: break;
      case PinOperation::Write: return write(pin, value);
      case PinOperation::Read:
        level = registers_.word(kLevels + 4 * (pin / 32)) >> pin % 32 & 1;
        return PinStatus::Done;
      case PinOperation::GiveBack:
        set_function(pin, PinFunction::Input);
        owner_[pin] = kNobody;
        return PinStatus::Done;
    }
    return PinStatus::UnknownOperation;
  }

  PinStatus take(std::uint64_t badge, std::uint64_t pin, std::uint64_t function, std::uint64_t pull) {
    if ((for_clients_ >> pin & 1) == 0) return PinStatus::NotForClients;
    if (owner_[pin] != kNobody && owner_[pin] != badge) return PinStatus::Taken;
    if (function > 7 || pull > static_cast<std::uint64_t>(PinPull::Down)) return PinStatus::NoSuchValue;
    owner_[pin] = badge;
    change(kPulls + 4 * (pin / 16), 2 * (pin % 16), 3, static_cast<std::uint32_t>(pull));
    set_function(pin, static_cast<PinFunction>(function));
    return PinStatus::Done;
  }
  PinStatus write(std::uint64_t pin, std::uint64_t level) {
    if (level > 1) return PinStatus::NoSuchValue;
    if (function_[pin] != PinFunction::Output) return PinStatus::NotAnOutput;
    registers_.word((level != 0 ? kSet : kClear) + 4 * (pin / 32)) = std::uint32_t{1} << pin % 32;
    return PinStatus::Done;
  }
  void set_function(std::uint64_t pin, PinFunction function) {
    function_[pin] = function;
    change(kFunctions + 4 * (pin / 10), 3 * (pin % 10), 7, static_cast<std::uint32_t>(function));
  }
  /// A field of a register that has those of other pins, too. One thread serves, so nothing comes between.
  void change(std::uint64_t offset, std::uint64_t shift, std::uint32_t mask, std::uint32_t value) {
    const std::uint32_t others = registers_.word(offset) & ~(mask << shift);
    registers_.word(offset) = others | value << shift;
  }

  Registers registers_;
  std::uint64_t for_clients_;
  std::array<std::uint64_t, kPins> owner_{};  ///< badges
  std::array<PinFunction, kPins> function_{};
};

}  // namespace drivers
