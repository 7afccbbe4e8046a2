// SPDX-License-Identifier: Apache-2.0
//
// See silo_reader.hpp. A page at a time through the window (design 2.4), which is closed again at once.
#include "kernel/silo_reader.hpp"

#include "kernel/port/memory_window.hpp"

namespace kernel {

namespace {

/// Where the page of an address is in memory, if it is in a region of the silo's own.
bool frame_of(const Silo& silo, base::SiloAddress address, base::PhysicalAddress& frame) {
  const Region* const region = silo.region_at(address);
  if (region == nullptr) return false;
  frame = (region->frames.start + (address - region->range.start())).page();
  return true;
}

}  // namespace

bool Piece::is_zero() const {
  std::uint64_t any = 0;
  for (const std::uint64_t value : word) any |= value;
  return any == 0;
}

bool read_own_memory(const Silo& silo, base::SiloAddress from, std::span<std::byte> bytes) {
  base::PhysicalAddress frame;
  if (bytes.size() > base::kPageSize - from.offset_in_page() || !frame_of(silo, from, frame)) return false;
  const auto window = port::open_window(frame, base::PageCount(1));
  if (!window.ok()) return false;
  port::copy_memory(bytes.data(), window.value() + from.offset_in_page(), bytes.size());
  port::close_window();  // C6
  return true;
}

base::SiloAddress find_piece(const Silo& silo, base::SiloAddress from, Piece& piece) {
  const base::SiloAddress end = from.page() + base::kPageSize;
  base::PhysicalAddress frame;
  if (!frame_of(silo, from, frame)) return end;
  const auto window = port::open_window(frame, base::PageCount(1));
  if (!window.ok()) return end;
  while (from < end) {
    // SAFETY: words as bytes; the piece is ours, and lies within the window's one page.
    port::copy_memory(reinterpret_cast<std::byte*>(piece.word), window.value() + from.offset_in_page(), kPieceBytes);
    if (!piece.is_zero()) break;
    from = from + kPieceBytes;
  }
  port::close_window();  // C6
  return from;
}

}  // namespace kernel
