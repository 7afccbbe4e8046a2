// SPDX-License-Identifier: Apache-2.0
//
// Order between a driver's accesses to memory and what its device sees of them. Both sides are coherent and in the
// outer shareable domain; on the host, where a test plays the device in the same thread, the compiler's order is
// enough.
#pragma once

#include <atomic>

namespace drivers {

/// What was written before is seen by the device before what is written after it (a register included); what is read
/// after it is not older than what was read before.
inline void dma_barrier() {
#if defined(__aarch64__)
  // SAFETY: orders accesses and changes nothing. A device is no core, so the inner shareable domain of a fence of the
  // language would be too small.
  __asm__ volatile("dmb osh" ::: "memory");
#else
  std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

}  // namespace drivers
