// SPDX-License-Identifier: Apache-2.0
//
// picolibc's lock hooks: one recursive lock protects malloc, free and atexit when a silo has several threads.
// INVARIANT: `owner` is the thread pointer of the holder, 0 if free; `depth` is the holder's alone.
// The holder may have a lower priority, and threads of one silo share a core: so a waiter sleeps instead of spinning.
#include <atomic>
#include <cstdint>

#include "granary/granary.hpp"

struct __lock {
  std::atomic<std::uint64_t> owner;
  std::uint32_t depth;
};

namespace {

std::uint64_t thread_pointer() {
  std::uint64_t pointer;
  asm volatile("mrs %0, tpidr_el0" : "=r"(pointer));
  return pointer;
}

bool try_acquire(__lock& lock) {
  const std::uint64_t self = thread_pointer();
  std::uint64_t expected = 0;
  // ORDERING: acquire here and release below, so that what one holder wrote the next one sees.
  const bool first = lock.owner.compare_exchange_strong(expected, self, std::memory_order_acquire);
  if (!first && expected != self) return false;
  ++lock.depth;
  return true;
}

void acquire(__lock& lock) {
  using namespace std::chrono_literals;
  while (!try_acquire(lock)) granary::sleep_for(50us);
}

void release(__lock& lock) {
  if (--lock.depth == 0) lock.owner.store(0, std::memory_order_release);
}

}  // namespace

// Not in the block below: picolibc declares it outside of one, and some of its versions do so in <stdio.h>.
constinit struct __lock __lock___libc_recursive_mutex {};

extern "C" {
// Locks made at run time: picolibc makes none in the parts that silos link; an empty lock is a valid one.
void __retarget_lock_init(__lock**) {}
void __retarget_lock_init_recursive(__lock**) {}
void __retarget_lock_close(__lock*) {}
void __retarget_lock_close_recursive(__lock*) {}
void __retarget_lock_acquire(__lock* lock) { acquire(*lock); }
void __retarget_lock_acquire_recursive(__lock* lock) { acquire(*lock); }
int __retarget_lock_try_acquire(__lock* lock) { return try_acquire(*lock) ? 1 : 0; }
int __retarget_lock_try_acquire_recursive(__lock* lock) { return try_acquire(*lock) ? 1 : 0; }
void __retarget_lock_release(__lock* lock) { release(*lock); }
void __retarget_lock_release_recursive(__lock* lock) { release(*lock); }
}
