// SPDX-License-Identifier: Apache-2.0
//
// VMID allocator: see vmid_allocator.hpp. Every core has at least 8-bit VMIDs (Arm ARM D8.16.3), so 256 is always
// there.
#include "kernel/vmid_allocator.hpp"

#include <bit>

namespace kernel {

namespace {
constinit base::Guarded<VmidAllocator, base::LockRank::Vmids> machine_vmids;
}  // namespace

base::Guarded<VmidAllocator, base::LockRank::Vmids>& vmids() { return machine_vmids; }

base::Result<base::Vmid> VmidAllocator::allocate() {
  for (std::uint32_t word = 0; word < kVmids / 64; ++word) {
    if (~taken_[word] == 0) continue;
    const auto bit = static_cast<std::uint32_t>(std::countr_one(taken_[word]));
    taken_[word] |= std::uint64_t{1} << bit;
    ++live_;
    return base::Vmid(word * 64 + bit);
  }
  return base::Error::EAGAIN;
}

base::Result<void> VmidAllocator::give_back(base::Vmid vmid) {
  const std::uint32_t number = vmid.value();
  if (number == 0 || number >= kVmids) return base::Error::EINVAL;
  const std::uint64_t bit = std::uint64_t{1} << (number % 64);
  if ((taken_[number / 64] & bit) == 0) return base::Error::EINVAL;
  taken_[number / 64] &= ~bit;
  --live_;
  return {};
}

}  // namespace kernel
