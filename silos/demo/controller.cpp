// SPDX-License-Identifier: Apache-2.0
//
// The controller: smooths the samples, computes how much heating is wanted, and has the actuator set it. It trusts
// nobody to be there: every wait has a deadline, and what does not come in time is counted and reported.
#include "attacks.hpp"
#include "handles.hpp"
#include "messages.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {
constexpr double kWantedCelsius = 21.0;
constexpr double kGain = 40.0;  ///< percent per degree
}  // namespace

int main() {
  // Its heap, and what a rogue is after: it is mapped here, and must not be anywhere else.
  *reinterpret_cast<volatile std::uint64_t*>(demo::kControllersMemory) = 42;

  demo::Report report{};
  report.celsius = kWantedCelsius;
  std::uint64_t expected = 0;
  for (;;) {
    const Result<Delivery> delivery = handles::samples.receive(50ms);
    if (!delivery && delivery.error() == kTimedOut) {
      ++report.missed;
      continue;
    }
    if (!delivery) return 1;  // the sensor is gone for good
    const auto sample = delivery->message.as<demo::Sample>();
    report.missed += sample.number - expected;
    expected = sample.number + 1;
    ++report.samples;
    report.celsius += 0.1 * (sample.celsius - report.celsius);

    const demo::Setting wanted{50.0 + kGain * (kWantedCelsius - report.celsius)};
    const Result<Message> answer = handles::command.call(Message::of(0, wanted), 5ms);
    if (answer) {
      ++report.commands;
      report.percent = answer->as<demo::Setting>().percent;
    } else {
      ++report.missed;
    }
    handles::reports.try_send(Message::of(0, report)).ignore();
  }
}
