// SPDX-License-Identifier: Apache-2.0
//
// memcpy, memmove, memset and memcmp: what the compiler may call for copying and clearing objects. For Normal memory
// only; every access is aligned to its size or is a byte. Sixteen bytes at a time where both sides are aligned alike.
// Not linked into host programs.
#include <cstddef>
#include <cstdint>

extern "C" {
void* memcpy(void* to, const void* from, std::size_t bytes);
void* memmove(void* to, const void* from, std::size_t bytes);
void* memset(void* to, int value, std::size_t bytes);
int memcmp(const void* left, const void* right, std::size_t bytes);
}

namespace {

// SAFETY: the type may alias any object, as memcpy must; its alignment is checked by the callers below.
struct __attribute__((may_alias)) Pair {
  std::uint64_t low;
  std::uint64_t high;
};

std::uintptr_t address_of(const void* pointer) {
  // SAFETY: the number is used to look at its low bits, never turned back into a pointer.
  return reinterpret_cast<std::uintptr_t>(pointer);
}

}  // namespace

void* memcpy(void* to, const void* from, std::size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (((address_of(to) | address_of(from)) & 7) == 0) {
    // SAFETY: both addresses are multiples of 8, the alignment of Pair.
    auto* out_pair = static_cast<Pair*>(static_cast<void*>(out));
    const auto* in_pair = static_cast<const Pair*>(static_cast<const void*>(in));
    // Messages are an odd number of words, and short: two pairs at a time, then what is left by the largest pieces.
    for (; bytes >= 2 * sizeof(Pair); bytes -= 2 * sizeof(Pair), out_pair += 2, in_pair += 2) {
      const Pair first = in_pair[0], second = in_pair[1];
      out_pair[0] = first;
      out_pair[1] = second;
    }
    if ((bytes & sizeof(Pair)) != 0) *out_pair++ = *in_pair++;
    auto* out_word = &out_pair->low;
    const auto* in_word = &in_pair->low;
    if ((bytes & sizeof(std::uint64_t)) != 0) *out_word++ = *in_word++;
    bytes &= sizeof(std::uint64_t) - 1;
    if (bytes == 0) return to;
    // SAFETY: bytes again, for the rest.
    out = static_cast<unsigned char*>(static_cast<void*>(out_word));
    in = static_cast<const unsigned char*>(static_cast<const void*>(in_word));
  }
  for (; bytes != 0; --bytes) *out++ = *in++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  const auto* in = static_cast<const unsigned char*>(from);
  if (address_of(to) - address_of(from) >= bytes) return memcpy(to, from, bytes);
  while (bytes != 0) {
    --bytes;
    out[bytes] = in[bytes];
  }
  return to;
}

void* memset(void* to, int value, std::size_t bytes) {
  auto* out = static_cast<unsigned char*>(to);
  const auto byte = static_cast<unsigned char>(value);
  const std::uint64_t word = std::uint64_t{byte} * 0x0101'0101'0101'0101;
  for (; bytes != 0 && (address_of(out) & 7) != 0; --bytes) *out++ = byte;
  // SAFETY: the loop above ended at a multiple of 8, the alignment of Pair, or with nothing left.
  auto* pair = static_cast<Pair*>(static_cast<void*>(out));
  for (; bytes >= 2 * sizeof(Pair); bytes -= 2 * sizeof(Pair), pair += 2) {
    pair[0] = Pair{word, word};
    pair[1] = Pair{word, word};
  }
  if (bytes >= sizeof(Pair)) {
    *pair++ = Pair{word, word};
    bytes -= sizeof(Pair);
  }
  // SAFETY: bytes again, for the rest.
  out = static_cast<unsigned char*>(static_cast<void*>(pair));
  for (; bytes != 0; --bytes) *out++ = byte;
  return to;
}

int memcmp(const void* left, const void* right, std::size_t bytes) {
  const auto* first = static_cast<const unsigned char*>(left);
  const auto* second = static_cast<const unsigned char*>(right);
  for (; bytes != 0; --bytes, ++first, ++second) {
    if (*first != *second) return *first < *second ? -1 : 1;
  }
  return 0;
}
