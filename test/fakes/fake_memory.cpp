// SPDX-License-Identifier: Apache-2.0
//
// Implements kernel/port/memory_window.hpp on the host. See fake_memory.hpp.
// Stricter than the machine where it helps: a window outside of RAM, or a second one, is an error.
#include "test/fakes/fake_memory.hpp"

#include <cstring>

#include "kernel/port/memory_window.hpp"
#include "test/fakes/fake_stage2.hpp"

namespace fakes {
namespace {

struct alignas(4096) Memory {
  std::byte bytes[kMemoryBytes];
};
Memory ram;
bool is_open = false;
unsigned opened = 0;
std::uint64_t high_water = kMemoryBytes;  // what may differ from 0xa5
std::vector<ExecutableStretch> executable;

}  // namespace

void reset_memory() {
  std::memset(ram.bytes, 0xa5, high_water);
  high_water = 0;
  is_open = false;
  opened = 0;
  executable.clear();
}

std::span<std::byte> memory(base::PhysicalAddress start, std::uint64_t bytes) {
  const std::uint64_t offset = start - kMemoryStart;
  if (offset > kMemoryBytes || bytes > kMemoryBytes - offset) return {};
  if (offset + bytes > high_water) high_water = offset + bytes;
  return std::span<std::byte>(ram.bytes + offset, bytes);
}

bool window_is_open() { return is_open; }
unsigned windows_opened() { return opened; }
const std::vector<ExecutableStretch>& executable_stretches() { return executable; }

}  // namespace fakes

namespace port {

base::Result<std::byte*> open_window(base::PhysicalAddress start, base::PageCount pages) {
  const auto target = fakes::memory(start, pages.bytes());
  if (fakes::is_open || !start.is_page_aligned() || pages.value() == 0 || pages.value() > kWindowPages ||
      target.empty()) {
    return base::Error::EINVAL;
  }
  fakes::note_memory_access(start, pages.bytes());
  fakes::is_open = true;
  ++fakes::opened;
  return target.data();
}

void close_window() { fakes::is_open = false; }

void zero_memory(std::byte* start, std::uint64_t bytes) { std::memset(start, 0, bytes); }
void copy_memory(std::byte* to, const std::byte* from, std::uint64_t bytes) {
  if (bytes != 0) std::memcpy(to, from, bytes);
}
void make_executable(const std::byte* start, std::uint64_t bytes) {
  const auto offset = static_cast<std::uint64_t>(start - fakes::ram.bytes);
  fakes::executable.push_back({fakes::kMemoryStart + offset, bytes});
}

std::uint32_t crc32(std::uint32_t crc, const std::byte* start, std::uint64_t bytes) {
  crc = ~crc;
  for (std::uint64_t i = 0; i < bytes; ++i) {
    crc ^= static_cast<std::uint32_t>(start[i]);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0u);
  }
  return ~crc;
}

}  // namespace port
