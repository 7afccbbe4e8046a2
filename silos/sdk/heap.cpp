// SPDX-License-Identifier: Apache-2.0
//
// new and delete on picolibc's malloc (whose memory is the manifest's `heap`: __heap_start to __heap_end, by its
// sbrk), and the lock under malloc and atexit. There are no exceptions: new that finds no memory ends the silo with a
// sentence.
#include <stdlib.h>

#include <atomic>
#include <new>

#include "granary/granary.hpp"
#include "internal.hpp"

namespace {

void* allocate(std::size_t bytes) {
  void* memory = malloc(bytes == 0 ? 1 : bytes);
  if (memory == nullptr) {
    granary::detail::print("new: no memory left: give this silo a `heap`, or a larger one, in the manifest\n");
    abort();
  }
  return memory;
}

}  // namespace

void* operator new(std::size_t bytes) { return allocate(bytes); }
void* operator new[](std::size_t bytes) { return allocate(bytes); }
/// What asks so can do without, as std::stable_sort can.
const std::nothrow_t std::nothrow{};
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return malloc(bytes == 0 ? 1 : bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return malloc(bytes == 0 ? 1 : bytes); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { free(memory); }
void operator delete(void* memory) noexcept { free(memory); }
void operator delete[](void* memory) noexcept { free(memory); }
void operator delete(void* memory, std::size_t) noexcept { free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { free(memory); }

extern "C" [[noreturn]] void __cxa_pure_virtual() {
  granary::detail::print("a pure virtual function was called\n");
  abort();
}
