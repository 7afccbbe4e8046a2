// SPDX-License-Identifier: Apache-2.0
//
// Keeping, anchoring and giving again: see manifest_capabilities.hpp.
#include "kernel/manifest_capabilities.hpp"

#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/contracts.hpp"
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/interrupt_objects.hpp"
#include "kernel/object_kinds.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr unsigned kPerStep = 8;
constexpr base::Error kComesBack = base::Error::ECONNRESET;

constinit ObjectPool<ManifestCapability> pool;  // in kernel memory, where capabilities lie

/// visit(ManifestCapability&) for the next few; it says whether to go on behind this one.
template <typename Visit>
bool walk(ManifestCapabilities& all, Visit visit) {
  for (unsigned count = 0; count < kPerStep && all.cursor != nullptr; ++count) {
    if (!visit(*all.cursor)) return false;
    all.cursor = all.cursor->next;
  }
  return all.cursor == nullptr;
}

bool gives(const Capability& capability) { return has_right(capability.rights, giving_right(capability.object->type)); }

/// What the silo had in hand when it ended comes again, unless it has ended it twice.
void put_back(Unlocked unlocked, const Silo& silo, ManifestCapability& anchor) {
  ChannelObject& channel = channel_of(anchor);
  const SiloLife& life = silo.life;
  const bool by_message =
      life.last_end == abi::SiloState::Faulted || (life.last_end == abi::SiloState::Exited && life.last_why != 0);
  const ipc::Channel::PutBack outcome = channel.put_back(unlocked, anchor.end, by_message);
  if (!outcome.is_poison) return;
  audit_life(this_core(), silo, abi::AuditLife::Poison, outcome.message.opcode, outcome.message.word[0]);
  log("message {} of channel {} has ended silo {} twice and is set aside; its first words: {} {}",
      outcome.message.opcode, channel.name.view(), silo.name.view(), base::Hex{outcome.message.word[0]},
      base::Hex{outcome.message.word[1]});
  this_core().note_console();
}

/// Whoever waits at the object waits for what only the holder of the anchor does. True when all are told.
bool tell_peers_of(Unlocked unlocked, const Silo& silo, ManifestCapability& anchor, ipc::WakeList& wakes) {
  ipc::Object& object = *anchor.object;
  const bool gives_alone = gives(anchor) && object.givers == 1;
  switch (object.type) {
    case abi::ObjectType::Port: return !gives_alone || port_of(anchor).interrupt(kReapParties, kComesBack, wakes);
    case abi::ObjectType::Channel: {
      ChannelObject& channel = channel_of(anchor);
      if (channel.end_references(unlocked, anchor.end) != 1) return true;
      put_back(unlocked, silo, anchor);
      return channel.interrupt(unlocked, kReapParties, kComesBack, wakes);
    }
    case abi::ObjectType::AsyncChannel:
      return !gives_alone || async_of(anchor).interrupt(kReapParties, kComesBack, wakes);
    case abi::ObjectType::Notification: {
      NotificationObject& notification = notification_of(anchor);
      const bool signals_itself =
          notification.has_bindings() || !notification.timers.is_empty() || notification.first_line != nullptr;
      return !gives_alone || signals_itself || notification.interrupt(kReapParties, kComesBack, wakes);
    }
    case abi::ObjectType::Semaphore:
      return !gives_alone || semaphore_of(anchor).interrupt(kReapParties, kComesBack, wakes);
    case abi::ObjectType::Interrupt: end_line(line_of(object)); return true;
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Region:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: break;
  }
  return true;
}

/// What an earlier end has done to the object is undone: its capabilities work again.
void revive(Unlocked unlocked, ManifestCapability& kept) {
  switch (kept.object->type) {
    case abi::ObjectType::Port:
      if (gives(kept)) port_of(kept).revive();
      return;
    case abi::ObjectType::Channel: channel_of(kept).reconnect(unlocked, kept.end); return;
    case abi::ObjectType::AsyncChannel: async_of(kept).reopen(); return;
    case abi::ObjectType::Notification:
      if (gives(kept)) notification_of(kept).reconnect();
      return;
    case abi::ObjectType::Semaphore:
      if (gives(kept)) semaphore_of(kept).reconnect();
      return;
    case abi::ObjectType::Interrupt:
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Region:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: return;
  }
}

base::Result<void> give_again(Unlocked unlocked, Silo& silo, ManifestCapability& kept) {
  if (kept.is_given_away) return {};
  ipc::Object& object = *kept.object;
  // Its end is being worked on, or a revoke goes through its capabilities: both are over soon.
  if (object.ending_node.is_linked() || object.is_revoking) return base::Error::EAGAIN;
  const std::uint64_t spoken = kept.contract.of_image[silo.images.current];
  if (const auto fits = check_contract(object, spoken); !fits.ok()) {
    log("silo {}: its program was built with another contract of {} ({}, and it has {})", silo.name.view(),
        object.name.view(), base::Hex{spoken}, base::Hex{object.contract.load(std::memory_order_relaxed)});
    return fits;
  }
  const Grant grant{&object, kept.rights, kept.badge, kept.end, kept.link};
  // Where its predecessor stood there is the anchor. Without one a client's comes from the owner's, as at boot.
  Capability* giver = nullptr;
  if (!kept.is_linked && object.type == abi::ObjectType::Port && !gives(kept))
    giver = derivation::find_with(object, giving_right(object.type));
  Capability& given = *TRY(silo.capabilities.insert_again(unlocked, kept.slot, grant, giver));
  revive(unlocked, kept);
  if (!kept.is_linked) return {};
  derivation::unlink(given);
  derivation::link_within(given, kept);
  derivation::unlink(kept);
  kept.is_linked = false;
  // Not the last of anything: the capability that is there again counts as well.
  if (kept.is_counted) static_cast<void>(take_from_counts(unlocked, kept));
  kept.is_counted = false;
  return {};
}

}  // namespace

base::Result<void> note_manifest_capability(Unlocked unlocked, Silo& silo, std::uint32_t slot, const Grant& grant,
                                            const SpokenContracts& contract) {
  ManifestCapability* const made = TRY(pool.create(unlocked, slot, grant, contract));
  ManifestCapabilities& all = silo.manifest;
  (all.last == nullptr ? all.first : all.last->next) = made;
  all.last = made;
  grant.object->is_kept = true;
  return {};
}

void forget_manifest_capabilities() { pool.forget(); }

bool anchor_some(Unlocked unlocked, Silo& silo, bool comes_back) {
  return walk(silo.manifest, [&](ManifestCapability& kept) {
    Capability& held = silo.capabilities.in_slot(kept.slot);
    const bool is_held = held.object == kept.object;
    kept.is_given_away = kept.object->type == abi::ObjectType::Region && !is_held;
    if (!is_held || kept.is_linked) return true;
    derivation::link_around(kept, held);
    kept.is_linked = true;
    if (comes_back) add_to_counts(unlocked, kept);
    kept.is_counted = comes_back;
    return true;
  });
}

bool tell_some_peers(Unlocked unlocked, Silo& silo, ipc::WakeList& wakes) {
  return walk(silo.manifest,
              [&](ManifestCapability& kept) { return !kept.is_counted || tell_peers_of(unlocked, silo, kept, wakes); });
}

base::Result<bool> give_some_again(Unlocked unlocked, Silo& silo) {
  base::Result<void> outcome;
  const bool is_end = walk(silo.manifest, [&](ManifestCapability& kept) {
    outcome = give_again(unlocked, silo, kept);
    return outcome.ok();
  });
  if (!outcome.ok()) return outcome.error();
  return is_end;
}

bool drop_some_anchors(Unlocked unlocked, Silo& silo) {
  return walk(silo.manifest, [&](ManifestCapability& kept) {
    if (!kept.is_counted) return true;
    kept.is_counted = false;
    note_departure(take_from_counts(unlocked, kept));
    return true;
  });
}

Departure end_anchor(Unlocked unlocked, Capability& anchor) {
  // SAFETY of the cast: the handle says what the capability is part of.
  auto& kept = static_cast<ManifestCapability&>(anchor);
  Departure departure{.object = kept.object,
                      .end = kept.end,
                      .holder = kHolderKernel,
                      .handle = kHandleOfManifest,
                      .is_last = false,
                      .is_last_of_end = false,
                      .is_last_giver = false,
                      .is_last_taker = false};
  if (kept.is_counted) departure = take_from_counts(unlocked, kept);
  kept.is_counted = false;
  derivation::unlink(kept);
  kept.is_linked = false;
  return departure;
}

}  // namespace kernel
