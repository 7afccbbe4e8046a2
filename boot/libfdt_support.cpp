// SPDX-License-Identifier: Apache-2.0
//
// What Debian's libfdt.a calls beside the memory functions of kernel/base: string functions of C11 7.24, and the two
// symbols of the stack protector that it was built with. Plain loops; the build compiles boot/ with
// -fno-tree-loop-distribute-patterns, so that none is turned into a call of itself.
#include <cstddef>
#include <cstdint>

#include "kernel/port/die.hpp"

extern "C" {

void* memchr(const void* start, int value, std::size_t bytes);
std::size_t strlen(const char* text);
std::size_t strnlen(const char* text, std::size_t limit);
char* strchr(const char* text, int value);
char* strrchr(const char* text, int value);
[[noreturn]] void __stack_chk_fail();
extern const std::uintptr_t __stack_chk_guard;

void* memchr(const void* start, int value, std::size_t bytes) {
  const auto* at = static_cast<const unsigned char*>(start);
  for (std::size_t index = 0; index < bytes; ++index) {
    // SAFETY: the C signature takes const away; the caller knows what it passed.
    if (at[index] == static_cast<unsigned char>(value)) return const_cast<unsigned char*>(at + index);
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != 0) ++length;
  return length;
}

std::size_t strnlen(const char* text, std::size_t limit) {
  std::size_t length = 0;
  while (length < limit && text[length] != 0) ++length;
  return length;
}

char* strchr(const char* text, int value) {
  const char wanted = static_cast<char>(value);
  for (;; ++text) {
    // SAFETY: as in memchr.
    if (*text == wanted) return const_cast<char*>(text);
    if (*text == 0) return nullptr;
  }
}

char* strrchr(const char* text, int value) {
  const char wanted = static_cast<char>(value);
  const char* found = nullptr;
  for (;; ++text) {
    if (*text == wanted) found = text;
    // SAFETY: as in memchr.
    if (*text == 0) return const_cast<char*>(found);
  }
}

/// libfdt's functions compare it on return. A constant: it guards against mistakes in a library that runs before any
/// silo.
const std::uintptr_t __stack_chk_guard = 0x00ff'0d0a'a55a'5aa5;

void __stack_chk_fail() { port::die("libfdt has overrun its stack frame"); }

}  // extern "C"
