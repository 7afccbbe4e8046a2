// SPDX-License-Identifier: Apache-2.0
//
// CapabilityTable: everything that a silo can name. A power of two of entries in kernel memory, found by a masked index
// (no speculation past the end) and accepted by comparing the whole handle. Owns the entries and the only code that
// changes an object's counts and list of capabilities, and a channel end's count.
//
// INVARIANT: entry 0 is never given out and holds a handle that leads to another entry.
// INVARIANT: a slot never has the same generation twice; one whose generations are used up is retired and stays free
// for ever. INVARIANT: available_ has a bit for each slot that can be given out, words_ one for each of its words that
// is not zero.
#pragma once

#include <cstdint>

#include "ipc/abi/abi.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"
#include "kernel/capability.hpp"
#include "kernel/kernel_memory.hpp"
#include "kernel/limits.hpp"

namespace kernel {

/// What a new capability shall be.
struct Grant {
  ipc::Object* object;
  std::uint64_t rights;
  std::uint64_t badge;
  std::uint32_t end;      ///< channels: 0 or 1
  std::uint8_t link = 0;  ///< kernel/link.hpp; 0: that of the parent
};

/// What the end of a capability means for its object; kernel/objects.cpp acts on it.
struct [[nodiscard]] Departure {
  ipc::Object* object;
  std::uint32_t end;
  std::uint16_t holder;  ///< in whose table it was; kHolderKernel outside of tables
  std::uint64_t handle;  ///< what it was there
  bool is_last;          ///< no capability names the object any more
  bool is_last_of_end;   ///< channels: none names this end any more
  bool is_last_giver;    ///< none carries the type's giving right any more
  bool is_last_taker;    ///< none carries the type's taking right any more
};

/// A capability begins to name its object, as a child of `parent` or as a root: counts and list of the object. For the
/// table, and for capabilities that the kernel holds itself (kernel/transfer.hpp).
void count_in(Unlocked, Capability& capability, Capability* parent);
/// It ceases to.
Departure count_out(Unlocked, Capability& capability);

/// The counts alone, for what is linked among the object's capabilities by other means
/// (kernel/manifest_capabilities.cpp).
void add_to_counts(Unlocked, const Capability& capability);
Departure take_from_counts(Unlocked, const Capability& capability);

class CapabilityTable {
 public:
  /// `slots` is a power of two, kCapabilitySlotsMinimum to kCapabilitySlotsMaximum; EINVAL, ENOMEM. At boot: one step
  /// per slot. `holder` is the silo's id.
  base::Result<void> create(Unlocked, base::SiloId holder, std::uint32_t slots);
  /// Where its silo lives. Nothing is in it yet.
  void set_core(base::CoreId core) { core_ = static_cast<std::uint8_t>(core.value()); }

  /// The entry that `handle` means, if it carries `right`; Right::None asks for no right. The entry is valid until the
  /// table changes. EBADF no capability has this handle; EPERM wrong type or right missing. About ten instructions.
  base::Result<Capability*> lookup(std::uint64_t handle, abi::Right right = abi::Right::None) const {
    Capability& entry = entries_[(handle >> abi::kHandleIndexShift) & mask_];
    if (entry.handle != handle) return base::Error::EBADF;
    if (right != abi::Right::None && !has_right(entry.rights, right)) return base::Error::EPERM;
    return &entry;
  }
  /// The same, for calls that ask for a type and no right.
  base::Result<Capability*> lookup(std::uint64_t handle, abi::ObjectType type) const {
    Capability* const entry = TRY(lookup(handle));
    if (entry->object->type != type) return base::Error::EPERM;
    return entry;
  }

  /// A new capability in the lowest slot there is; its handle. ENOSPC if the table is full. Counts it. A handful of
  /// instructions.
  base::Result<std::uint64_t> insert(Unlocked, const Grant& grant);
  /// The same, derived from `parent`, which names the same object. Besides: EBUSY while the object's capabilities are
  /// being revoked.
  base::Result<std::uint64_t> insert_derived(Unlocked, Capability& parent, const Grant& grant);
  /// A capability that the kernel has held (in a message, under a name) becomes an entry, derived from it.  ENOSPC.
  base::Result<std::uint64_t> insert_carried(Unlocked, Capability& carried, const Grant& grant);
  /// The same as insert in a certain slot (the manifest's). EINVAL if there is no such slot, EEXIST if it is taken.
  base::Result<std::uint64_t> insert_at(Unlocked, std::uint32_t slot, const Grant& grant);
  /// The manifest's in its slot again, under the handle that the silo's program knows: the silo has begun anew, so no
  /// handle of its former life is in its memory. A slot keeps its count of generations for other capabilities. Derived
  /// from `parent` if there is one. As insert_at.
  base::Result<Capability*> insert_again(Unlocked, std::uint32_t slot, const Grant& grant, Capability* parent);
  /// What is in the slot; if nothing is, it names the null object.
  Capability& in_slot(std::uint32_t slot) { return entries_[slot]; }
  /// A second capability like the first and derived from it, with the rights `keep`. EBADF; EPERM the first may not be
  /// duplicated or lacks one of `keep`; ENOSPC; EBUSY.
  base::Result<std::uint64_t> duplicate(Unlocked, std::uint64_t handle, std::uint64_t keep);
  /// An entry of this table, live: ends it.
  Departure remove_entry(Unlocked, Capability& entry);
  /// Ends a capability. EBADF.
  base::Result<Departure> remove(Unlocked, std::uint64_t handle);
  /// Ends any one capability, for a silo that has stopped. ENOENT if none is left. Goes over each slot once, and at
  /// most kSweep free ones in a call: EAGAIN says that it found none there and wants to be called again.
  base::Result<Departure> remove_any(Unlocked);

  /// The first entry, for the fast path.
  const Capability* entries() const { return entries_; }
  std::uint32_t slots() const { return entries_ == nullptr ? 0 : mask_ + 1; }
  std::uint32_t live() const { return live_; }
  /// How many more can be inserted.
  std::uint32_t room() const { return room_ - promised_; }
  /// A slot is set aside for a capability that has been accepted and is put in later, by insert_carried; there is room.
  void promise() { ++promised_; }
  /// It is put in now, or never.
  void redeem_promise() { --promised_; }

 private:
  void note_core(ipc::Object& object) const;
  friend struct CapabilityTableProbe;  // the test, which cannot wait for 2^32 closes

  std::uint64_t place(Unlocked, std::uint32_t slot, const Grant& grant, Capability* parent);
  std::uint32_t lowest_available() const;
  Departure clear(Unlocked, std::uint32_t slot);
  void make_available(std::uint32_t slot);
  void make_unavailable(std::uint32_t slot);
  bool is_available(std::uint32_t slot) const { return ((available_[slot / 64] >> (slot % 64)) & 1) != 0; }

  Capability* entries_ = nullptr;
  std::uint32_t mask_ = 0;
  std::uint16_t holder_ = 0;
  std::uint8_t core_ = 0;
  std::uint32_t live_ = 0;
  std::uint32_t room_ = 0;
  std::uint32_t promised_ = 0;  ///< of those; at most room_
  std::uint32_t sweep_ = 0;     ///< where remove_any looks next
  static constexpr std::uint32_t kSweep = 64;
  static constexpr std::uint32_t kWords = kCapabilitySlotsMaximum / 64;
  static_assert(kWords <= 64, "one word on top");
  std::uint64_t words_ = 0;
  std::uint64_t available_[kWords] = {};
};

}  // namespace kernel
