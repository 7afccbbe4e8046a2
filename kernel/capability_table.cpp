// SPDX-License-Identifier: Apache-2.0
//
// CapabilityTable: see capability_table.hpp. count_in() and count_out() are the only code in the system that counts
// capabilities and links them.
#include "kernel/capability_table.hpp"

#include <bit>
#include <limits>
#include <new>

#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/flow_policy.hpp"
#include "kernel/objects.hpp"

namespace kernel {

namespace {

/// What free entries name: not a null pointer, so that looking at its type is harmless whatever a core speculates.
constinit ipc::Object null_object(abi::ObjectType::None);

/// Slot 0 holds this: its index bits are all ones, so it leads to the last slot, never to slot 0.
constexpr std::uint64_t kHandleOfSlotZero = ~std::uint64_t{0};
/// A free slot from 1 on holds this: it leads to slot 0.
constexpr std::uint64_t kHandleOfFreeSlot = 0;

bool is_giver(const Capability& entry) { return has_right(entry.rights, giving_right(entry.object->type)); }
bool is_taker(const Capability& entry) { return has_right(entry.rights, taking_right(entry.object->type)); }

}  // namespace

void add_to_counts(Unlocked unlocked, const Capability& capability) {
  ipc::Object& object = *capability.object;
  ++object.references;
  if (is_giver(capability)) ++object.givers;
  if (is_taker(capability)) ++object.takers;
  if (object.type == abi::ObjectType::Channel) channel_of(capability).add_end(unlocked, capability.end);
}

void count_in(Unlocked unlocked, Capability& capability, Capability* parent) {
  ipc::Object& object = *capability.object;
  add_to_counts(unlocked, capability);
  if (capability.holder != kHolderKernel) {
    note_flow(base::SiloId(capability.holder), object, capability.rights);
  } else if (several_cores_run()) {
    become_shared(object);  // nobody knows yet who gets it
  }
  if (parent != nullptr) {
    derivation::link_child(capability, *parent);
  } else {
    derivation::link_root(capability);
  }
}

Departure take_from_counts(Unlocked unlocked, const Capability& capability) {
  ipc::Object& object = *capability.object;
  Departure departure{.object = &object,
                      .end = capability.end,
                      .holder = capability.holder,
                      .handle = capability.handle,
                      .is_last = false,
                      .is_last_of_end = false,
                      .is_last_giver = false,
                      .is_last_taker = false};
  departure.is_last = --object.references == 0;
  if (is_giver(capability)) departure.is_last_giver = --object.givers == 0;
  if (is_taker(capability)) departure.is_last_taker = --object.takers == 0;
  if (object.type == abi::ObjectType::Channel) {
    departure.is_last_of_end = channel_of(capability).drop_end(unlocked, capability.end);
  }
  return departure;
}

Departure count_out(Unlocked unlocked, Capability& capability) {
  const Departure departure = take_from_counts(unlocked, capability);
  derivation::unlink(capability);
  return departure;
}

base::Result<void> CapabilityTable::create(Unlocked unlocked, base::SiloId holder, std::uint32_t slots) {
  // A power of two; std::has_single_bit would count bits by a library function that a kernel without SIMD does not
  // have.
  const bool is_power_of_two = slots != 0 && (slots & (slots - 1)) == 0;
  const bool is_size = is_power_of_two && slots >= kCapabilitySlotsMinimum && slots <= kCapabilitySlotsMaximum;
  if (entries_ != nullptr || !is_size) return base::Error::EINVAL;
  holder_ = static_cast<std::uint16_t>(holder.value());
  const auto pages = base::PageCount::containing(slots * sizeof(Capability));
  std::byte* const memory = TRY(allocate_kernel_pages(unlocked, pages));
  for (std::uint32_t slot = 0; slot < slots; ++slot) {
    ::new (memory + slot * sizeof(Capability)) Capability{.handle = slot == 0 ? kHandleOfSlotZero : kHandleOfFreeSlot,
                                                          .direct = &null_object,
                                                          .generation = 1,
                                                          .holder = holder_,
                                                          .derivation = {},
                                                          .object = &null_object};
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

/// A silo of this table's core names it. What several cores name already is not written: quick calls of other cores
/// look at this outside of every section. What one core alone names is given to others on that core, which does no
/// quick call meanwhile.
void CapabilityTable::note_core(ipc::Object& object) const {
  if (object.sole_core == core_ || object.sole_core == ipc::kSeveralCores) return;
  object.sole_core = object.sole_core == ipc::kNoCore ? core_ : ipc::kSeveralCores;
}

std::uint64_t CapabilityTable::place(Unlocked unlocked, std::uint32_t slot, const Grant& grant, Capability* parent) {
  make_unavailable(slot);
  Capability& entry = entries_[slot];
  entry.object = grant.object;
  ipc::Object& object = *grant.object;
  entry.link = grant.link != 0 || parent == nullptr ? grant.link : parent->link;
  const bool is_direct = object.type == abi::ObjectType::Port && object.home == core_ && entry.link == 0;
  entry.direct = is_direct ? &object : &null_object;
  note_core(object);
  if (entry.link != 0 && object.type == abi::ObjectType::Channel) channel_of(entry).make_timed(unlocked);
  entry.rights = grant.rights;
  entry.badge = grant.badge;
  entry.end = static_cast<std::uint8_t>(grant.end);
  entry.handle = abi::make_handle(entry.generation, slot);
  ++live_;

  count_in(unlocked, entry, parent);
  return entry.handle;
}

Departure CapabilityTable::clear(Unlocked unlocked, std::uint32_t slot) {
  Capability& entry = entries_[slot];
  const Departure departure = count_out(unlocked, entry);
  --live_;
  entry.handle = kHandleOfFreeSlot;
  entry.direct = &null_object;
  entry.object = &null_object;
  entry.rights = 0;
  entry.badge = 0;
  entry.end = 0;
  entry.link = 0;
  const bool is_used_up = entry.generation == std::numeric_limits<std::uint32_t>::max();
  if (is_used_up) return departure;  // retired: never available again
  ++entry.generation;
  make_available(slot);
  return departure;
}

std::uint32_t CapabilityTable::lowest_available() const {
  const auto word = static_cast<std::uint32_t>(std::countr_zero(words_));
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(available_[word]));
  return word * 64 + bit;
}

base::Result<std::uint64_t> CapabilityTable::insert(Unlocked unlocked, const Grant& grant) {
  if (room() == 0) return base::Error::ENOSPC;
  return place(unlocked, lowest_available(), grant, nullptr);
}

base::Result<std::uint64_t> CapabilityTable::insert_derived(Unlocked unlocked, Capability& parent, const Grant& grant) {
  if (room() == 0) return base::Error::ENOSPC;
  if (parent.object->is_revoking) return base::Error::EBUSY;
  return place(unlocked, lowest_available(), grant, &parent);
}

base::Result<std::uint64_t> CapabilityTable::insert_carried(Unlocked unlocked, Capability& carried,
                                                            const Grant& grant) {
  if (room() == 0) return base::Error::ENOSPC;
  return place(unlocked, lowest_available(), grant, &carried);
}

base::Result<std::uint64_t> CapabilityTable::insert_at(Unlocked unlocked, std::uint32_t slot, const Grant& grant) {
  if (slot == 0 || slot >= slots()) return base::Error::EINVAL;
  if (!is_available(slot)) return base::Error::EEXIST;
  if (room() == 0) return base::Error::ENOSPC;
  return place(unlocked, slot, grant, nullptr);
}

base::Result<Capability*> CapabilityTable::insert_again(Unlocked unlocked, std::uint32_t slot, const Grant& grant,
                                                        Capability* parent) {
  if (slot == 0 || slot >= slots()) return base::Error::EINVAL;
  if (!is_available(slot)) return base::Error::EEXIST;
  static_cast<void>(place(unlocked, slot, grant, parent));
  entries_[slot].handle = abi::make_manifest_handle(slot);
  return &entries_[slot];
}

base::Result<std::uint64_t> CapabilityTable::duplicate(Unlocked unlocked, std::uint64_t handle, std::uint64_t keep) {
  Capability* const first = TRY(lookup(handle, abi::Right::Duplicate));
  if ((keep & ~first->rights) != 0) return base::Error::EPERM;
  return insert_derived(unlocked, *first, Grant{first->object, keep, first->badge, first->end});
}

Departure CapabilityTable::remove_entry(Unlocked unlocked, Capability& entry) {
  return clear(unlocked, static_cast<std::uint32_t>(&entry - entries_));
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
