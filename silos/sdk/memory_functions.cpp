// SPDX-License-Identifier: Apache-2.0
//
// memcpy, memmove, memset and memcmp of every program: those of the C library go byte by byte, six instructions for
// each.
#include "memory_functions.hpp"

using granary::detail::Byte;

extern "C" {

void* memmove(void* to, const void* from, std::size_t bytes) {
  granary::detail::copy_memory(static_cast<Byte*>(to), static_cast<const Byte*>(from), bytes);
  return to;
}

void* memcpy(void* to, const void* from, std::size_t bytes) __attribute__((alias("memmove")));

void* memset(void* to, int value, std::size_t bytes) {
  granary::detail::fill_memory(static_cast<Byte*>(to), static_cast<Byte>(value), bytes);
  return to;
}

int memcmp(const void* left, const void* right, std::size_t bytes) {
  return granary::detail::compare_memory(static_cast<const Byte*>(left), static_cast<const Byte*>(right), bytes);
}
}
