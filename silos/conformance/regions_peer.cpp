// SPDX-License-Identifier: Apache-2.0
//
// Makes one mistake with a shared region, which must stop it: the manifest's `argument` says which.
#include <atomic>

#include "check.hpp"
#include "handles.hpp"
#include "regions_peer.hpp"

using namespace conformance;

namespace {

constexpr std::uint64_t kBytes = 20 * Region::kPageBytes;

std::atomic<std::uint64_t> place{0};
std::atomic<bool> is_reading{false};

std::uint64_t address_of(std::span<const std::byte> bytes) { return reinterpret_cast<std::uint64_t>(bytes.data()); }

}  // namespace

/// Reads one word for ever, as soon as it is told where.
extern "C" void reader_main(std::uint64_t) {
  if (static_cast<RegionMistake>(argument()) != RegionMistake::ClosesInUse) exit_thread();
  while (place == 0) yield();
  for (;;) {
    static_cast<void>(static_cast<std::uint32_t>(word_at(place)));
    is_reading = true;
    yield();
  }
}

int main() {
  const Region region = Region::create(20).value();
  const std::span<std::byte> bytes = region.map(read_write).value();
  const std::uint64_t start = address_of(bytes);
  word_at(start) = 0xd65f03c0;  // ret
  word_at(start + kBytes - 4) = 1;
  switch (static_cast<RegionMistake>(argument())) {
    case RegionMistake::WritesReadOnly: word_at(address_of(region.map(read_only).value()) + 8) = 1; break;
    case RegionMistake::Executes: reinterpret_cast<void (*)()>(start)(); break;
    case RegionMistake::TouchesUnmapped:
      region.unmap(bytes).value();
      word_at(start + kBytes - 4) = 2;
      break;
    case RegionMistake::TouchesClosed:
      region.close().value();
      word_at(start + kBytes - 4) = 2;
      break;
    case RegionMistake::Overruns: word_at(start + kBytes) = 2; break;
    case RegionMistake::Underruns: word_at(start - 4) = 2; break;
    case RegionMistake::ClosesInUse:
      place = start + kBytes - 4;
      while (!is_reading) yield();
      region.close().value();
      sleep_for(1s);
      break;
  }
  return 1;
}
