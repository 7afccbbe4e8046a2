// SPDX-License-Identifier: Apache-2.0
//
// One thread reads a shared region all the time, so that every TLB knows it, while another closes its handle.
// Expected: stopped, nothing is mapped there, at once.
#include <atomic>

#include "hostile.hpp"

using namespace hostile;

namespace {
std::atomic<std::uint64_t> place{0};
std::atomic<bool> is_reading{false};
}  // namespace

extern "C" void reader_main(std::uint64_t) {
  while (place == 0) yield();
  for (;;) {
    static_cast<void>(read(place));
    is_reading = true;
    yield();
  }
}

int main() {
  const Region region = Region::create(8).value();
  const std::span<std::byte> bytes = region.map(read_write).value();
  place = address_of(bytes[5 * 4096]);
  while (!is_reading) yield();
  region.close().value();
  sleep_for(20ms);
  return survived();
}
