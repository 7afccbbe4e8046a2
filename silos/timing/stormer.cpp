// SPDX-License-Identifier: Apache-2.0
//
// As many timers as it may have, at the shortest period, and deadlines besides: interrupts for the kernel.
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  const Notification word = Notification::create().value();
  for (int i = 0; i < 32; ++i) Timer::create(word, std::uint64_t{1} << i).value().set(1ms, 50us).value();
  for (;;) static_cast<void>(word.wait());
}

extern "C" void sleeper_main(std::uint64_t) {
  for (;;) sleep_for(300us);
}
