// SPDX-License-Identifier: Apache-2.0
//
// Has a device that asserts its interrupt for ever, and never quietens it: each wait lets it fire again at once.
// Expected: the line is held back to its limit, other silos go on. Ends with 0.
#include "driver.hpp"
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  constexpr std::uint64_t kFirings = 1500, kBurst = 100;
  const DeviceInfo info = devices::device.info().value();
  const driver::FiringDevice device(info.registers, info.board);
  const Notification word = Notification::create().value();
  handles::line.bind(word, 1).value();
  device.unmask();
  device.fire();
  const Clock::time_point begin = Clock::now();
  for (std::uint64_t i = 0; i < kFirings; ++i) holds(word.wait(1, 1s).ok(), "it goes on firing");
  const Clock::duration took = Clock::now() - begin;
  const InterruptStatistics statistics = handles::line.statistics().value();
  // Where waiting itself takes longer than the limit asks for, there is nothing to hold back.
  const bool is_slow = took >= std::chrono::microseconds(kFirings * 1'000'000 / statistics.rate);
  holds(statistics.held_back != 0 || is_slow, "the line was held back");
  holds(statistics.fired <= kFirings + 1, "it did not fire more often than it was waited for");
  const auto least = std::chrono::microseconds((kFirings - 2 * kBurst) * 1'000'000 / statistics.rate);
  holds(took >= least, "it did not fire more often than its limit");
  device.mask();
  return outcome();
}
