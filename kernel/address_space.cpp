// SPDX-License-Identifier: Apache-2.0
//
// AddressSpace: see address_space.hpp.
#include "kernel/address_space.hpp"

#include "kernel/vmid_allocator.hpp"

namespace kernel {

namespace {

bool is_known(port::Access access) {
  switch (access) {
    case port::Access::Read:
    case port::Access::ReadWrite:
    case port::Access::ReadExecute: return true;
  }
  return false;
}

/// Nobody else can have given back what one space owns, so a refusal is a kernel bug.
void give_back(Unlocked unlocked, base::Vmid vmid) {
  const auto give = [vmid](VmidAllocator& all, auto) { return all.give_back(vmid).ok(); };
  if (!vmids().with(unlocked, give)) __builtin_trap();
}

}  // namespace

base::Result<AddressRange> AddressRange::make(base::SiloAddress start, base::PageCount size) {
  if (!start.is_page_aligned() || start.value() == 0 || size.value() == 0) return base::Error::EINVAL;
  if (start.value() >= port::kSiloAddressLimit) return base::Error::EINVAL;
  if (size.value() > (port::kSiloAddressLimit - start.value()) / base::kPageSize) return base::Error::EINVAL;
  return AddressRange(start, size);
}

base::Result<void> AddressSpace::create(Unlocked unlocked) {
  if (state_ != State::Empty) return base::Error::EINVAL;
  const base::Vmid vmid = TRY(vmids().with(unlocked, [](VmidAllocator& all, auto) { return all.allocate(); }));
  const auto made = tables_.create(unlocked, vmid);
  if (!made.ok()) {
    // Never used, so no TLB knows it.
    give_back(unlocked, vmid);
    return made;
  }
  vmid_ = vmid;
  state_ = State::Live;
  return {};
}

Granule AddressSpace::granule_at(base::SiloAddress address, base::PhysicalAddress memory, std::uint64_t bytes_left,
                                 bool whole) const {
  const std::uint64_t block = granule_bytes(Granule::Block);
  const bool fits = address.value() % block == 0 && memory.value() % block == 0 && bytes_left >= block;
  return whole && fits ? Granule::Block : Granule::Page;
}

/// Takes back the first `bytes` of a mapping that is going away.
void AddressSpace::unmap_first(base::SiloAddress start, std::uint64_t bytes) {
  std::uint64_t done = 0;
  while (done < bytes) {
    const auto mapped = tables_.translate(start + done);
    if (!mapped.ok() || !tables_.unmap(start + done, mapped.value().granule).ok()) return;
    done += granule_bytes(mapped.value().granule);
  }
}

base::Result<void> AddressSpace::map(Unlocked unlocked, AddressRange range, base::PhysicalAddress memory,
                                     port::Access access, port::MemoryKind kind, bool whole) {
  if (state_ != State::Live || range.size().value() == 0) return base::Error::EINVAL;
  if (!is_known(access) || !memory.is_page_aligned()) return base::Error::EINVAL;
  const bool is_executable_device = kind == port::MemoryKind::Device && access == port::Access::ReadExecute;
  if (is_executable_device) return base::Error::EINVAL;

  const std::uint64_t bytes = range.size().bytes();
  std::uint64_t done = 0;
  while (done < bytes) {
    const base::SiloAddress at = range.start() + done;
    const Granule granule = granule_at(at, memory + done, bytes - done, whole);
    const auto mapped = tables_.map(unlocked, at, memory + done, granule, access, kind);
    if (!mapped.ok()) {
      unmap_first(range.start(), done);
      return mapped;
    }
    done += granule_bytes(granule);
  }
  return {};
}

base::Result<void> AddressSpace::unmap(AddressRange range) {
  if (state_ != State::Live) return base::Error::EINVAL;
  const std::uint64_t bytes = range.size().bytes();
  std::uint64_t done = 0;
  while (done < bytes) {
    const base::SiloAddress at = range.start() + done;
    const Translation mapped = TRY(tables_.translate(at));
    const std::uint64_t step = granule_bytes(mapped.granule);
    const bool is_whole = at.value() % step == 0 && step <= bytes - done;  // a block is never split
    if (!is_whole) return base::Error::EINVAL;
    TRY(tables_.unmap(at, mapped.granule));
    done += step;
  }
  return {};
}

base::Result<void> AddressSpace::prepare(Unlocked unlocked, AddressRange range) {
  if (state_ != State::Live || range.size().value() == 0) return base::Error::EINVAL;
  const std::uint64_t reach = granule_bytes(Granule::Block);  // of one table of pages
  for (std::uint64_t at = range.start().value() / reach * reach; at < range.end().value(); at += reach) {
    TRY(tables_.prepare(unlocked, base::SiloAddress(at)));
  }
  return {};
}

base::Result<void> AddressSpace::unmap_pages(AddressRange range) {
  if (state_ != State::Live) return base::Error::EINVAL;
  return tables_.unmap_pages(range.start(), range.size());
}

void AddressSpace::retire() {
  if (state_ != State::Live) return;
  port::stage2_leave_space();
  tables_.retire();
  state_ = State::Retired;
}

bool AddressSpace::release_step(Unlocked unlocked) {
  if (state_ == State::Empty) return true;
  if (state_ != State::Retired || !tables_.release_one_table(unlocked)) return false;
  give_back(unlocked, vmid_);
  vmid_ = base::Vmid();
  state_ = State::Empty;
  return true;
}

}  // namespace kernel
