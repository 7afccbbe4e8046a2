// SPDX-License-Identifier: Apache-2.0
//
// A client of the disk that writes all of it and reads it back, though it is ended again and again, at random, by
// another thread of its own: each life goes on where the last one came to. Manifest: restart, without a back-off.
#include <algorithm>
#include <atomic>
#include <cstdlib>

#include <drivers/block_client.hpp>

#include "disk_pattern.hpp"
#include "disk_progress.hpp"
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;
using drivers::kSectorBytes;

namespace {

constexpr std::uint64_t kAtOnce = drivers::kWindowBytes / kSectorBytes;
volatile disk_progress::Progress* progress = nullptr;
std::atomic<bool> has_begun = false;

void work(drivers::Disk& disk) {
  const std::uint64_t sectors = disk.sectors() - disk_pattern::kReserved;
  while (progress->written < sectors) {
    const std::uint64_t first = progress->written;
    const std::uint64_t count = std::min(kAtOnce, sectors - first);
    for (std::uint64_t i = 0; i < count; ++i) disk_pattern::fill(&disk.window()[i * kSectorBytes], first + i);
    if (!disk.write(first, count)) abort();
    progress->written = first + count;
  }
  while (progress->read < sectors) {
    const std::uint64_t first = progress->read;
    const std::uint64_t count = std::min(kAtOnce, sectors - first);
    std::fill_n(disk.window().begin(), disk.window().size(), std::byte{0x5a});
    if (!disk.read(first, count)) abort();
    std::uint64_t mistakes = 0;
    for (std::uint64_t i = 0; i < count; ++i) {
      if (!disk_pattern::holds(&disk.window()[i * kSectorBytes], first + i)) ++mistakes;
    }
    progress->mistakes = progress->mistakes + mistakes;
    progress->read = first + count;
  }
  progress->is_done = 1;
}

}  // namespace

/// Sooner or later, from its counter's low bits.
extern "C" void killer_main(std::uint64_t) {
  while (!has_begun) sleep_for(100us);
  const std::uint64_t random = detail::counter_now() * 0x9e3779b97f4a7c15u >> 40;
  sleep_for(std::chrono::microseconds(500 + random % 30'000));
  if (progress->is_done == 0) exit_silo(3);
  sleep_until(forever);
}

int main() {
  const std::span<std::byte> memory = handles::progress.map(RegionAccess::read_write).value();
  progress = reinterpret_cast<volatile disk_progress::Progress*>(memory.data());
  progress->lives = progress->lives + 1;
  has_begun = true;
  drivers::Disk disk = drivers::Disk::open(handles::disk).value();
  work(disk);
  for (;;) sleep_for(1h);
}
