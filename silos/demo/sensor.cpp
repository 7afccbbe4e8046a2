// SPDX-License-Identifier: Apache-2.0
//
// A temperature sensor: a sample every 10 ms, exactly, whatever the others do. It never waits for the controller: a
// sample that does not fit into the channel is left out, and its number shows the gap.
#include <math.h>

#include "handles.hpp"
#include "messages.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  Clock::time_point next = Clock::now();
  for (std::uint64_t number = 0;; ++number) {
    const double seconds = static_cast<double>(number) / 100;
    const demo::Sample sample{number, 20.0 + 2.0 * sin(seconds / 2) + 0.2 * sin(seconds * 40)};
    handles::samples.try_send(Message::of(0, sample)).ignore();
    sleep_until(next += 10ms);
  }
}
