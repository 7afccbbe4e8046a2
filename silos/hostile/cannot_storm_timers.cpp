// SPDX-License-Identifier: Apache-2.0
//
// Lets as many timers as it may have run at the shortest period, for ever, and waits for none of them. Expected: it is
// still busy at the end, and the bystanders talk on.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Notification word = Notification::create().value();
  for (int i = 0; i < 64; ++i) Timer::create(word, std::uint64_t{1} << i).value().set(1ms, 50us).value();
  for (;;) word.wait().value();
}
