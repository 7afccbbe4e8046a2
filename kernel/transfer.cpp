// SPDX-License-Identifier: Apache-2.0
//
// Capabilities in messages: see transfer.hpp. The pool is touched in shared sections.
#include "kernel/transfer.hpp"

#include <cstddef>
#include <type_traits>

#include "kernel/flow_policy.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/objects.hpp"
#include "kernel/region_objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"
#include "kernel/trace.hpp"

namespace kernel {

namespace {

struct Transfer {
  Transfer(ipc::Attachment::Acceptable check, const Capability& carried, Silo& from)
      : attachment(check), capability(carried), sender(&from) {}
  ipc::Attachment attachment;
  Capability capability;
  Silo* sender;
  bool is_dead = false;
  bool moves = false;           ///< a region goes with it: the receiver pays from then on
  Silo* promised_to = nullptr;  ///< who has a slot set aside for it
};

constinit ObjectPool<Transfer> pool;

/// SAFETY: every attachment is the first member of a Transfer; take_along() makes no other.
Transfer& transfer_of(ipc::Attachment& attachment) { return *static_cast<Transfer*>(static_cast<void*>(&attachment)); }
const Transfer& transfer_of(const ipc::Attachment& attachment) {
  return *static_cast<const Transfer*>(static_cast<const void*>(&attachment));
}
static_assert(std::is_standard_layout_v<Transfer> && offsetof(Transfer, attachment) == 0);

base::Result<void> is_acceptable(const ipc::Attachment& attachment, const ipc::Party& party) {
  const Transfer& transfer = transfer_of(attachment);
  const Silo& silo = static_cast<const Thread&>(party).silo();
  if (transfer.is_dead) return {};
  if (silo.capabilities.room() == 0) return base::Error::ENOSPC;
  if (!flow_permits(silo, *transfer.capability.object, transfer.capability.rights)) return base::Error::EACCES;
  if (transfer.moves && !can_own(region_of(transfer.capability), silo)) return base::Error::EDQUOT;
  return {};
}

Capability in_flight(const Capability& source, std::uint64_t rights) {
  return Capability{.handle = kHandleInFlight,
                    .rights = rights,
                    .badge = source.badge,
                    .generation = 0,
                    .end = source.end,
                    .link = source.link,
                    .holder = kHolderKernel,
                    .derivation = {},
                    .object = source.object};
}

/// Which word holds the handle.
unsigned handle_word(const ipc::Message& message) {
  return (message.flags & abi::kFlagEightWords) != 0 ? abi::kMessageWords - 1 : 3;
}

void free_transfer(Transfer& transfer) {
  if (transfer.promised_to != nullptr) transfer.promised_to->capabilities.redeem_promise();
  transfer.sender->quota(abi::QuotaKind::Transfers).give_back(1);
  pool.give_back(transfer);
}

void end_transfer(Unlocked unlocked, Transfer& transfer) {
  if (!transfer.is_dead) note_departure(count_out(unlocked, transfer.capability));
  free_transfer(transfer);
}

/// A move takes the sender's own with it, so it must be his alone to give: what others hold or see of it would stay.
base::Result<void> may_move(const Capability& capability, std::uint64_t rights) {
  if (capability.object->type != abi::ObjectType::Region) return {};
  if (!has_right(rights, abi::Right::RegionMove)) return base::Error::EPERM;
  const bool is_sole = capability.object->references == 1 && !region_is_mapped(region_of(capability));
  return is_sole ? base::Result<void>() : base::Error::EBUSY;
}

/// What the capability carries, although it may be on its way to another core.
std::uint64_t rights_in_move(const Thread& thread, const Capability& capability) {
  return thread.moving.handle == capability.handle ? thread.moving.rights : capability.rights;
}

}  // namespace

void begin_move(Thread& thread, Capability& moved) {
  thread.moving = {moved.handle, moved.rights};
  moved.rights = 0;
}

void end_move(Unlocked unlocked, Thread& thread) {
  const Thread::Moving moving = std::exchange(thread.moving, {});
  const auto found = thread.silo().capabilities.lookup(moving.handle);
  if (!found.ok()) return;  // it has been closed or revoked meanwhile
  found.value()->rights = moving.rights;
  if (thread.completion.status.ok()) static_cast<void>(close_handle(unlocked, thread.silo(), moving.handle));
}

std::uint64_t handle_in(const ipc::Message& message) { return message.word[handle_word(message)]; }

base::Result<void> take_along(const Call& call, ipc::Message& message, std::uint64_t sender_rights, abi::Right right,
                              const Silo* receiver) {
  const bool moves = (message.flags & abi::kFlagMove) != 0;
  if ((message.flags & abi::kFlagTransfer) == 0) {
    if (moves) return base::Error::EINVAL;
    return {};
  }
  if (right != abi::Right::None && !has_right(sender_rights, right)) return base::Error::EPERM;
  const unsigned word = handle_word(message);
  const std::uint64_t rights = message.word[word - 1];
  Silo& silo = call.silo();
  if (!silo.may(abi::Pledge::Share)) return base::Error::EPERM;
  Capability& source = *TRY(silo.capabilities.lookup(message.word[word]));
  const std::uint64_t source_rights = rights_in_move(call.thread, source);
  if (!has_right(source_rights, abi::Right::Grant) || (rights & ~source_rights) != 0) return base::Error::EPERM;
  if (source.object->is_revoking) return base::Error::EBUSY;
  if (receiver != nullptr && !flow_permits(*receiver, *source.object, rights)) return base::Error::EACCES;
  if (moves) TRY(may_move(source, source_rights));
  Quota& quota = silo.quota(abi::QuotaKind::Transfers);
  TRY(quota.charge(1));
  const auto made = pool.create(call.held, &is_acceptable, in_flight(source, rights), silo);
  if (!made.ok()) {
    quota.give_back(1);
    return made.error();
  }
  Transfer& transfer = *made.value();
  transfer.moves = moves && source.object->type == abi::ObjectType::Region;
  count_in(call.held, transfer.capability, &source);
  message.word[word] = 0;
  message.word[word - 1] = 0;
  message.attachment = &transfer.attachment;
  return {};
}

void give_back(Unlocked unlocked, ipc::Message& message) {
  if (message.attachment == nullptr) return;
  end_transfer(unlocked, transfer_of(*message.attachment));
  message.attachment = nullptr;
}

void promise_delivered(Thread& thread) {
  if (!thread.completion.status.ok() || thread.completion.delivery.message.attachment == nullptr) return;
  Transfer& transfer = transfer_of(*thread.completion.delivery.message.attachment);
  if (transfer.is_dead) return;
  transfer.promised_to = &thread.silo();
  thread.silo().capabilities.promise();
  if (!transfer.moves) return;
  if (!change_owner(region_of(transfer.capability), thread.silo()).ok()) __builtin_trap();  // is_acceptable has looked
  transfer.moves = false;
}

void install_delivered(Unlocked unlocked, Thread& thread) {
  ipc::Message& message = thread.completion.delivery.message;
  if (message.attachment == nullptr) return;
  Transfer& transfer = transfer_of(*message.attachment);
  message.attachment = nullptr;
  if (transfer.promised_to != nullptr) {
    transfer.promised_to->capabilities.redeem_promise();
    transfer.promised_to = nullptr;
  }
  if (!transfer.is_dead) {
    Capability& carried = transfer.capability;
    const Grant grant{carried.object, carried.rights, carried.badge, carried.end};
    // There was room when the message was accepted, in this same kernel entry or by a promise.
    const auto handle = thread.silo().capabilities.insert_carried(unlocked, carried, grant);
    if (handle.ok()) {
      const unsigned word = handle_word(message);
      message.word[word] = handle.value();
      message.word[word - 1] = grant.rights;
      message.flags |= abi::kFlagTransfer;
      if (trace_is_on()) trace(abi::TraceEvent::CapabilityGrant, &thread, 0, handle.value());
      // There was room in the quota as well (is_acceptable).
      if (transfer.moves && !change_owner(region_of(carried), thread.silo()).ok()) __builtin_trap();
    }
  }
  end_transfer(unlocked, transfer);
}

Departure kill_transfer(Unlocked unlocked, Capability& capability) {
  // SAFETY: the caller says that it is the member of a Transfer, at its place in it.
  auto& transfer = *static_cast<Transfer*>(
      static_cast<void*>(static_cast<std::byte*>(static_cast<void*>(&capability)) - offsetof(Transfer, capability)));
  transfer.is_dead = true;
  return count_out(unlocked, capability);
}

bool take_back_dropped(Unlocked unlocked) {
  ipc::Attachment* const dropped = ipc::next_dropped();
  if (dropped == nullptr) return false;
  end_transfer(unlocked, transfer_of(*dropped));
  return true;
}

base::Result<void> back_transfers(Unlocked unlocked, std::uint32_t transfers) {
  return pool.reserve(unlocked, transfers);
}
std::uint32_t live_transfers() { return pool.live(); }
void forget_transfers() { pool.forget(); }

}  // namespace kernel
