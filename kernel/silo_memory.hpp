// SPDX-License-Identifier: Apache-2.0
//
// Filling a silo's frames through the window: the only place where the kernel writes silo memory. The window is closed
// again before any function here returns.
#pragma once

#include <cstddef>
#include <span>

#include "kernel/base/result.hpp"
#include "kernel/frame_allocator.hpp"

namespace kernel {

/// Writes `data` to the beginning of `frames` and zero to the rest, so that nothing of a former owner is left.
/// `executable` makes the result visible to instruction fetch (rule C2). `data` is at most as long as the frames;
/// EINVAL, or the window's error. One window after another over all frames: for boot.
base::Result<void> fill_frames(FrameRange frames, std::span<const std::byte> data, bool executable);

}  // namespace kernel
