// SPDX-License-Identifier: Apache-2.0
// expects: has no member named 'allocate'
// layer: kernel
//
// The machine's frames are behind their lock.
#include "kernel/frame_allocator.hpp"

base::Result<kernel::FrameRange> one_frame(base::Held<base::LockRank::Nothing> held, base::SiloAddress alike);
base::Result<kernel::FrameRange> one_frame(base::Held<base::LockRank::Nothing> held, base::SiloAddress alike) {
#ifdef COMPILES
  return kernel::silo_frames().with(
      held, [&](kernel::FrameAllocator& all, auto) { return all.allocate(base::PageCount(1), alike); });
#else
  static_cast<void>(held);
  return kernel::silo_frames().allocate(base::PageCount(1), alike);
#endif
}
