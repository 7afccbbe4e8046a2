// SPDX-License-Identifier: Apache-2.0
//
// ObjectPool<T>: kernel objects of one type, in slabs of kernel memory that hold T for ever. So a stale pointer to a T
// can never meet anything but a T (alive, or freed and not yet made again), and 64-byte alignment holds for every
// object. Owns its slabs and a list of free slots. Used in shared sections (kernel/shared_section.hpp). Making
// and freeing take constant time, apart from a new slab's one page.
//
// INVARIANT: a slot is on the free list if and only if is_live is false; its T keeps its last state until the slot is
// used again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

#include "kernel/base/address.hpp"
#include "kernel/base/result.hpp"
#include "kernel/kernel_memory.hpp"

namespace kernel {

template <typename T>
class ObjectPool {
  static_assert(std::is_trivially_destructible_v<T>, "a freed object keeps its memory and its type");
  static_assert(alignof(T) <= 64, "a slot is aligned to a cache line and no further");

 public:
  /// A T made of `arguments`. ENOMEM if a new slab is needed and there is no kernel memory. A T larger than a page
  /// needs a run of pages, which is not found in constant time.
  template <typename... Arguments>
  base::Result<T*> create(Unlocked unlocked, Arguments&&... arguments) {
    if (free_ == nullptr) TRY(add_slab(unlocked));
    Slot& slot = *free_;
    free_ = slot.next_free;
    slot.next_free = nullptr;
    slot.is_live = true;
    ++live_;
    return ::new (slot.storage) T(std::forward<Arguments>(arguments)...);
  }

  /// Makes room for `count` more objects, so that creating them later needs no memory. ENOMEM. A pool is reserved for
  /// all of its objects or for none.
  base::Result<void> reserve(Unlocked unlocked, std::uint32_t count) {
    while (slots_ < reserved_ + count) TRY(add_slab(unlocked));
    reserved_ += count;
    return {};
  }

  /// `object` came from create() of this pool and was not given back since; a second time is a kernel bug and traps.
  void give_back(T& object) {
    // SAFETY: storage is the first member of Slot and a T made by create() lies exactly there; the caller says that it
    // is one of ours.
    Slot& slot = *static_cast<Slot*>(static_cast<void*>(&object));
    if (!slot.is_live) __builtin_trap();
    slot.is_live = false;
    slot.next_free = free_;
    free_ = &slot;
    --live_;
  }

  std::uint32_t live() const { return live_; }
  /// Start of boot: there is no memory, so there are no objects.
  void forget() { *this = ObjectPool(); }

  /// How many pages of kernel memory `count` objects take.
  static constexpr std::uint64_t pages_for(std::uint64_t count) {
    return (count + kSlotsPerSlab - 1) / kSlotsPerSlab * kSlabPages.value();
  }

 private:
  struct alignas(64) Slot {
    alignas(T) std::byte storage[sizeof(T)];
    Slot* next_free;
    bool is_live;
  };
  static_assert(offsetof(Slot, storage) == 0);
  static constexpr base::PageCount kSlabPages = base::PageCount::containing(sizeof(Slot));
  static constexpr std::uint32_t kSlotsPerSlab = static_cast<std::uint32_t>(kSlabPages.bytes() / sizeof(Slot));

  base::Result<void> add_slab(Unlocked unlocked) {
    std::byte* memory = nullptr;
    if constexpr (kSlabPages.value() == 1) {
      memory = TRY(allocate_kernel_page(unlocked));
    } else {
      memory = TRY(allocate_kernel_pages(unlocked, kSlabPages));
    }
    slots_ += kSlotsPerSlab;
    // The lowest slot comes first.
    for (std::uint32_t i = kSlotsPerSlab; i > 0; --i) {
      Slot* const slot = ::new (memory + (i - 1) * sizeof(Slot)) Slot;
      slot->next_free = free_;
      slot->is_live = false;
      free_ = slot;
    }
    return {};
  }

  Slot* free_ = nullptr;
  std::uint32_t live_ = 0;
  std::uint32_t slots_ = 0;
  std::uint32_t reserved_ = 0;
};

}  // namespace kernel
