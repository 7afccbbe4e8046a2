// SPDX-License-Identifier: Apache-2.0
//
// The logger: drains the channel `reports` and prints a line a second.
#include <stdio.h>

#include "handles.hpp"
#include "messages.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  const Clock::time_point start = Clock::now();
  demo::Report latest{};
  for (int second = 1;; ++second) {
    const Clock::time_point end = start + second * 1s;
    while (const Result<Delivery> delivery = handles::reports.receive(end)) {
      latest = delivery->message.as<demo::Report>();
    }
    sleep_until(end);  // if the controller is gone, receive does not wait
    printf("%3d s  %5.2f C  heating %3.0f %%  %5llu samples  %5llu commands  %llu missed\n", second, latest.celsius,
           latest.percent, static_cast<unsigned long long>(latest.samples),
           static_cast<unsigned long long>(latest.commands), static_cast<unsigned long long>(latest.missed));
  }
}
