// SPDX-License-Identifier: Apache-2.0
//
// VMID allocator: which VMIDs live address spaces own. A VMID belongs to one space from creation to the end of its
// destruction (design 2.3). 0 is "no silo" and never given out; at most 255 live at once, whatever the cores could do.
// Owns one bit per VMID.
#pragma once

#include <cstdint>

#include "kernel/base/guarded.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class VmidAllocator {
 public:
  static constexpr std::uint32_t kVmids = 256;  ///< of an 8-bit core, 0 among them

  /// Nobody owns any.
  void reset() { *this = VmidAllocator(); }
  /// The lowest VMID that is nobody's; EAGAIN if all have owners.
  base::Result<base::Vmid> allocate();
  /// The TLBs hold nothing of it any more (port::stage2_retire_space is done). EINVAL if nobody owns it.
  base::Result<void> give_back(base::Vmid vmid);
  std::uint32_t live() const { return live_; }

 private:
  std::uint64_t taken_[kVmids / 64] = {1};  ///< bit 0 of the first word: VMID 0
  std::uint32_t live_ = 0;
};

/// The machine's VMIDs.
base::Guarded<VmidAllocator, base::LockRank::Vmids>& vmids();

}  // namespace kernel
