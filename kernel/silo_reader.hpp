// SPDX-License-Identifier: Apache-2.0
//
// Reading a silo's own memory, for the explanation of its end. Only what the silo was given at boot is read: its
// regions, by the frames that they lie in, so no address of the silo's is followed and no table of it is believed. What
// it shares and its devices are never touched. Invariant: the window is closed afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "kernel/base/address.hpp"
#include "kernel/silo.hpp"

namespace kernel {

/// False if not all of it lies in one page of one region, or the window is in use; `bytes` is as it was then.
bool read_own_memory(const Silo& silo, base::SiloAddress from, std::span<std::byte> bytes);

/// A piece of memory in words, as the core file has it.
inline constexpr std::uint64_t kPieceBytes = 128;
struct Piece {
  std::uint64_t word[kPieceBytes / sizeof(std::uint64_t)];
  bool is_zero() const;
};
/// The first piece that is not all zero from `from` (piece-aligned, in a region) to the end of its page: its address,
/// or the end of the page if there is none or the page cannot be read.
base::SiloAddress find_piece(const Silo& silo, base::SiloAddress from, Piece& piece);

}  // namespace kernel
