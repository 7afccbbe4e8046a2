// SPDX-License-Identifier: Apache-2.0
//
// CapabilityTable: see capability_table.hpp. place() and clear() are the only code in the system that counts
// capabilities.
#include "kernel/capability_table.hpp"

#include <bit>
#include <limits>
#include <new>

#include "kernel/objects.hpp"

namespace kernel {

namespace {

/// What free entries name: not a null pointer, so that looking at its type is harmless whatever a core speculates.
constinit ipc::Object null_object(abi::ObjectType::None);

/// Slot 0 holds this: its index bits are all ones, so it leads to the last slot, never to slot 0.
constexpr std::uint64_t kHandleOfSlotZero = ~std::uint64_t{0};
/// A free slot from 1 on holds this: it leads to slot 0.
constexpr std::uint64_t kHandleOfFreeSlot = 0;

bool may_receive(const Capability& entry) {
  return entry.object->type == abi::ObjectType::Port && has_right(entry.rights, abi::Right::PortReceive);
}

}  // namespace

base::Result<void> CapabilityTable::create(Unlocked unlocked, std::uint32_t slots) {
  // A power of two; std::has_single_bit would count bits by a library function that a kernel without SIMD does not
  // have.
  const bool is_power_of_two = slots != 0 && (slots & (slots - 1)) == 0;
  const bool is_size = is_power_of_two && slots >= kCapabilitySlotsMinimum && slots <= kCapabilitySlotsMaximum;
  if (entries_ != nullptr || !is_size) return base::Error::EINVAL;
  const auto pages = base::PageCount::containing(slots * sizeof(Capability));
  std::byte* const memory = TRY(allocate_kernel_pages(unlocked, pages));
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    ::new (memory + slot * sizeof(Capability)) Capability{
        .handle = slot == 0 ? kHandleOfSlotZero : kHandleOfFreeSlot, .object = &null_object, .generation = 1};
  }
  // SAFETY: the loop has constructed `slots` entries there, one behind the other.
  entries_ = std::launder(static_cast<Capability*>(static_cast<void*>(memory)));
  mask_ = slots - 1;
  for (std::uint32_t slot = 1; slot < slots; ++slot) make_available(slot);
  return {};
}

void CapabilityTable::make_available(std::uint32_t slot) {
  available_[slot / 64] |= std::uint64_t{1} << (slot % 64);
  words_ |= std::uint64_t{1} << (slot / 64);
  ++room_;
}

void CapabilityTable::make_unavailable(std::uint32_t slot) {
  std::uint64_t& word = available_[slot / 64];
  word &= ~(std::uint64_t{1} << (slot % 64));
  if (word == 0) words_ &= ~(std::uint64_t{1} << (slot / 64));
  --room_;
}

std::uint64_t CapabilityTable::place(Unlocked unlocked, std::uint32_t slot, const Grant& grant) {
  make_unavailable(slot);
  Capability& entry = entries_[slot];
  entry.object = grant.object;
  entry.rights = grant.rights;
  entry.badge = grant.badge;
  entry.end = grant.end;
  entry.handle = abi::make_handle(entry.generation, slot);
  ++live_;

  ++grant.object->references;
  if (grant.object->type == abi::ObjectType::Channel) channel_of(entry).add_end(unlocked, grant.end);
  if (may_receive(entry)) ++port_of(entry).receivers;
  return entry.handle;
}

Departure CapabilityTable::clear(Unlocked unlocked, std::uint32_t slot) {
  Capability& entry = entries_[slot];
  Departure departure{entry.object, entry.end, false, false, false};
  departure.is_last = --entry.object->references == 0;
  if (entry.object->type == abi::ObjectType::Channel) {
    departure.is_last_of_end = channel_of(entry).drop_end(unlocked, entry.end);
  }
  if (may_receive(entry)) departure.is_last_receiver = --port_of(entry).receivers == 0;

  --live_;
  entry.handle = kHandleOfFreeSlot;
  entry.object = &null_object;
  entry.rights = 0;
  entry.badge = 0;
  entry.end = 0;
  const bool is_used_up = entry.generation == std::numeric_limits<std::uint32_t>::max();
  if (is_used_up) return departure;  // retired: never available again
  ++entry.generation;
  make_available(slot);
  return departure;
}

base::Result<std::uint64_t> CapabilityTable::insert(Unlocked unlocked, const Grant& grant) {
  if (words_ == 0) return base::Error::ENOSPC;
  const auto word = static_cast<std::uint32_t>(std::countr_zero(words_));
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(available_[word]));
  return place(unlocked, word * 64 + bit, grant);
}

base::Result<std::uint64_t> CapabilityTable::insert_at(Unlocked unlocked, std::uint32_t slot, const Grant& grant) {
  if (slot == 0 || slot >= slots()) return base::Error::EINVAL;
  if (!is_available(slot)) return base::Error::EEXIST;
  return place(unlocked, slot, grant);
}

base::Result<std::uint64_t> CapabilityTable::duplicate(Unlocked unlocked, std::uint64_t handle, std::uint64_t keep) {
  const Capability* const first = TRY(lookup(handle, abi::Right::Duplicate));
  if ((keep & ~first->rights) != 0) return base::Error::EPERM;
  return insert(unlocked, Grant{first->object, keep, first->badge, first->end});
}

base::Result<Departure> CapabilityTable::remove(Unlocked unlocked, std::uint64_t handle) {
  const Capability* const entry = TRY(lookup(handle));
  return clear(unlocked, static_cast<std::uint32_t>(entry - entries_));
}

base::Result<Departure> CapabilityTable::remove_any(Unlocked unlocked) {
  if (live_ == 0) return base::Error::ENOENT;
  for (std::uint32_t looked_at = 0; looked_at < kSweep; ++looked_at) {
    const std::uint32_t slot = sweep_++ & mask_;
    if (slot != 0 && entries_[slot].handle != kHandleOfFreeSlot) return clear(unlocked, slot);
  }
  return base::Error::EAGAIN;
}

}  // namespace kernel
