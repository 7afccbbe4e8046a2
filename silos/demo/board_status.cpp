// SPDX-License-Identifier: Apache-2.0
//
// How a Raspberry Pi 4 is, by its firmware: temperature, the clock of the cores, which board it is; and a pin that goes
// up and down. Manifest: clients' ends of the ports `board` and `pins`.
#include <cstdio>

#include <drivers/gpio_pins.hpp>
#include <drivers/property.hpp>

#include "handles.hpp"

using namespace granary;
using namespace drivers;

namespace {

constexpr std::uint64_t kPin = 21;
int failures = 0;

std::uint32_t asked(BoardQuestion question, std::uint64_t word = 0) {
  const Message answer = handles::board.call({static_cast<std::uint64_t>(question), {word}}).value();
  if (static_cast<BoardStatus>(answer.opcode) != BoardStatus::Done) {
    ++failures;
    printf("the firmware does not answer question %llu\n", static_cast<unsigned long long>(question));
  }
  return static_cast<std::uint32_t>(answer.words[0]);
}

std::uint64_t pin(PinOperation operation, std::uint64_t value = 0) {
  const Message answer = handles::pins.call({static_cast<std::uint64_t>(operation), {kPin, value}}).value();
  const auto status = static_cast<PinStatus>(answer.opcode);
  if (status != PinStatus::Done) {
    ++failures;
    printf("pin %llu: %s\n", static_cast<unsigned long long>(kPin), in_words(status));
  }
  return answer.words[0];
}

}  // namespace

int main() {
  const std::uint32_t temperature = asked(BoardQuestion::Temperature);
  printf("temperature %u.%u degrees\n", static_cast<unsigned>(temperature / 1000),
         static_cast<unsigned>(temperature / 100 % 10));
  printf(
      "ARM clock %u MHz\n",
      static_cast<unsigned>(asked(BoardQuestion::ClockRate, static_cast<std::uint64_t>(BoardClock::Arm)) / 1'000'000));
  printf("board revision %06x\n", static_cast<unsigned>(asked(BoardQuestion::BoardRevision)));

  pin(PinOperation::Take, static_cast<std::uint64_t>(PinFunction::Output));
  pin(PinOperation::Write, 1);
  const std::uint64_t up = pin(PinOperation::Read);
  pin(PinOperation::Write, 0);
  const std::uint64_t down = pin(PinOperation::Read);
  pin(PinOperation::GiveBack);
  printf("pin %llu: written 1 it is %llu, written 0 it is %llu\n", static_cast<unsigned long long>(kPin),
         static_cast<unsigned long long>(up), static_cast<unsigned long long>(down));
  if (up != 1 || down != 0) ++failures;
  handles::system.verdict(static_cast<std::uint64_t>(failures)).value();
  return failures;
}
