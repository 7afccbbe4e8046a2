// SPDX-License-Identifier: Apache-2.0
//
// How the SDK copies, fills and compares memory: in general registers alone, so that a silo that only copies never
// becomes one with floating-point state, and in words that need no alignment, since a silo's memory is all Normal and
// SCTLR_EL1.A is 0. Ends that are no whole number of words are done by words that overlap others, never by a loop over
// bytes. Compiled with -fno-tree-loop-distribute-patterns (sdk.mk), or these loops would become calls of themselves.
// test/sdk/memory_functions_test.cpp tries them on the host.
//
// INVARIANT: no byte outside of the ranges that the caller names is read or written.
#pragma once

#include <cstddef>
#include <cstdint>

namespace granary::detail {

using Byte = unsigned char;

/// A word at any address; the compiler makes one load or store of it.
template <typename Word>
inline Word load(const Byte* from) {
  Word word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}
template <typename Word>
inline void store(Byte* to, Word word) {
  __builtin_memcpy(to, &word, sizeof word);
}

/// Pairs of registers, all loaded before one is stored: so what they are stored over may overlap where they were.
template <std::size_t kPairs>
struct Block {
  static constexpr std::size_t kBytes = kPairs * 16;
  std::uint64_t word[kPairs * 2];

  explicit Block(const Byte* from) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kPairs * 2; ++i) word[i] = load<std::uint64_t>(from + i * 8);
  }
  void store_at(Byte* to) const {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kPairs * 2; ++i) store(to + i * 8, word[i]);
  }
};

/// The first and the last of them, which overlap if there are fewer than two of them.
template <typename Word>
inline void copy_ends(Byte* to, const Byte* from, std::size_t bytes) {
  const auto first = load<Word>(from);
  const auto last = load<Word>(from + bytes - sizeof(Word));
  store(to, first);
  store(to + bytes - sizeof(Word), last);
}
template <std::size_t kPairs>
inline void copy_end_blocks(Byte* to, const Byte* from, std::size_t bytes) {
  const Block<kPairs> first(from);
  const Block<kPairs> last(from + bytes - Block<kPairs>::kBytes);
  first.store_at(to);
  last.store_at(to + bytes - Block<kPairs>::kBytes);
}

using Large = Block<4>;

/// More than Large::kBytes; `to` does not lie within what is copied, behind its beginning.
inline void copy_up(Byte* to, const Byte* from, std::size_t bytes) {
  const Block<1> head(from);
  const Large tail(from + bytes - Large::kBytes);
  Byte* const begin = to;
  Byte* const end = to + bytes;
  // The stores of the loop are aligned; what they leave of the beginning is the head's.
  const std::size_t skipped = 16 - (reinterpret_cast<std::uintptr_t>(to) & 15);
  to += skipped;
  from += skipped;
  for (; to + Large::kBytes < end; to += Large::kBytes, from += Large::kBytes) Large(from).store_at(to);
  head.store_at(begin);
  tail.store_at(end - Large::kBytes);
}

/// More than Large::kBytes; `to` lies behind `from`.
inline void copy_down(Byte* to, const Byte* from, std::size_t bytes) {
  const Large head(from);
  Byte* const begin = to;
  for (; bytes > Large::kBytes; bytes -= Large::kBytes)
    Large(from + bytes - Large::kBytes).store_at(to + bytes - Large::kBytes);
  head.store_at(begin);
}

/// memmove: the two may overlap.
inline void copy_memory(Byte* to, const Byte* from, std::size_t bytes) {
  if (bytes > Large::kBytes) {
    // One comparison for both: a `to` before `from` is far behind it as an unsigned number.
    const auto distance = reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from);
    return distance < bytes ? copy_down(to, from, bytes) : copy_up(to, from, bytes);
  }
  if (bytes > 32) return copy_end_blocks<2>(to, from, bytes);
  if (bytes > 16) return copy_end_blocks<1>(to, from, bytes);
  if (bytes >= 8) return copy_ends<std::uint64_t>(to, from, bytes);
  if (bytes >= 4) return copy_ends<std::uint32_t>(to, from, bytes);
  if (bytes >= 2) return copy_ends<std::uint16_t>(to, from, bytes);
  if (bytes == 1) *to = *from;
}

/// memset.
inline void fill_memory(Byte* to, Byte value, std::size_t bytes) {
  const std::uint64_t word = std::uint64_t{value} * 0x0101'0101'0101'0101;
  Byte* const end = to + bytes;
  const auto store_ends = [&](auto narrow) {
    store(to, narrow);
    store(end - sizeof narrow, narrow);
  };
  if (bytes < 8) {
    if (bytes >= 4) return store_ends(static_cast<std::uint32_t>(word));
    if (bytes >= 2) return store_ends(static_cast<std::uint16_t>(word));
    if (bytes == 1) *to = value;
    return;
  }
  if (bytes <= 16) return store_ends(word);
  const auto store_pair = [&](Byte* at) {
    store(at, word);
    store(at + 8, word);
  };
  store_pair(to);
  to += 16 - (reinterpret_cast<std::uintptr_t>(to) & 15);  // the stores of the loops are aligned
  for (; to + 64 <= end; to += 64) {
    store_pair(to);
    store_pair(to + 16);
    store_pair(to + 32);
    store_pair(to + 48);
  }
  for (; to + 16 <= end; to += 16) store_pair(to);
  store_pair(end - 16);
}

/// Of two words in the order of memory: which has the smaller byte where they first differ.
template <typename Word>
inline int order_of(Word left, Word right) {
  // AArch64 is little-endian here: the byte at the lowest address is the lowest.
  const auto first = sizeof(Word) == 8 ? __builtin_bswap64(left) : __builtin_bswap32(static_cast<std::uint32_t>(left));
  const auto second =
      sizeof(Word) == 8 ? __builtin_bswap64(right) : __builtin_bswap32(static_cast<std::uint32_t>(right));
  return first < second ? -1 : 1;
}

/// memcmp.
inline int compare_memory(const Byte* left, const Byte* right, std::size_t bytes) {
  if (bytes >= 8) {
    std::size_t at = 0;
    do {
      const auto first = load<std::uint64_t>(left + at);
      const auto second = load<std::uint64_t>(right + at);
      if (first != second) return order_of(first, second);
      at += 8;
    } while (at + 8 <= bytes);
    // The last word begins with bytes that are known to be equal.
    const auto first = load<std::uint64_t>(left + bytes - 8);
    const auto second = load<std::uint64_t>(right + bytes - 8);
    return first == second ? 0 : order_of(first, second);
  }
  std::size_t at = 0;
  if (bytes >= 4) {
    const auto first = load<std::uint32_t>(left);
    const auto second = load<std::uint32_t>(right);
    if (first != second) return order_of(first, second);
    at = 4;
  }
  for (; at < bytes; ++at) {
    if (left[at] != right[at]) return left[at] < right[at] ? -1 : 1;
  }
  return 0;
}

}  // namespace granary::detail
