// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of semaphores. The pool is touched in shared sections.
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kAllRights = rights_of_type(abi::ObjectType::Semaphore);

constinit ObjectPool<SemaphoreObject> pool;

}  // namespace

SemaphoreObject& semaphore_of(const Capability& capability) {
  // SAFETY: type says what an object is, and every semaphore is made here.
  return static_cast<SemaphoreObject&>(*capability.object);
}

base::Result<void> back_semaphores(Unlocked unlocked, std::uint32_t count) { return pool.reserve(unlocked, count); }

std::uint32_t live_semaphores() { return pool.live(); }

base::Result<std::uint64_t> create_semaphore(Unlocked unlocked, Silo& creator, std::uint64_t initial) {
  if (initial > abi::kSemaphoreMaximum) return base::Error::EINVAL;
  if (creator.capabilities.room() < 1) return base::Error::ENOSPC;
  Quota& quota = creator.quota(abi::QuotaKind::Semaphores);
  TRY(quota.charge(1));
  const auto made = pool.create(unlocked, static_cast<std::uint32_t>(initial), &creator);
  if (!made.ok()) {
    quota.give_back(1);
    return made.error();
  }
  return creator.capabilities.insert(unlocked, Grant{made.value(), kAllRights, 0, 0});
}

base::Result<SemaphoreObject*> make_manifest_semaphore(Unlocked unlocked, std::string_view name,
                                                       std::uint32_t initial) {
  TRY(back_semaphores(unlocked, 1));
  Silo* const nobody = nullptr;
  SemaphoreObject* const semaphore = TRY(pool.create(unlocked, initial, nobody));
  semaphore->name = base::FixedName(name);
  return semaphore;
}

bool end_semaphore(SemaphoreObject& semaphore, ipc::WakeList& wakes) {
  if (semaphore.givers == 0 && !semaphore.disconnect(kReapParties, wakes)) return false;
  if (semaphore.references != 0 || semaphore.is_kept) return true;
  // Who watched it is still being told.
  if (semaphore.readable.is_watched()) return false;
  semaphore.readable.forget();
  if (semaphore.charged_to != nullptr) semaphore.charged_to->quota(abi::QuotaKind::Semaphores).give_back(1);
  pool.give_back(semaphore);
  return true;
}

}  // namespace kernel
