// SPDX-License-Identifier: Apache-2.0
//
// ManifestCapability: what the manifest gives a silo, kept for the case that the silo begins anew. The objects behind
// them live outside of the silo: they keep their messages while it is away, because the kernel then holds a capability
// like each of its own (an anchor), so that nobody is told that it is gone.
//
// INVARIANT: an anchor counts for its object from before its silo gives up its capabilities until the silo has them
// again or stays down. INVARIANT: an object that a manifest capability names
// keeps its memory (ipc::Object::is_kept): a silo may have ended it, and it is revived when the silo begins anew.
// Used in shared sections (kernel/shared_section.hpp), on the core of the silo.
#pragma once

#include <cstdint>

#include "ipc/party.hpp"
#include "kernel/capability_table.hpp"
#include "kernel/contracts.hpp"

namespace kernel {

class Silo;

struct ManifestCapability : Capability {
  ManifestCapability(std::uint32_t its_slot, const Grant& grant, const SpokenContracts& its_contract)
      : Capability{.handle = kHandleOfManifest,
                   .rights = grant.rights,
                   .badge = grant.badge,
                   .end = static_cast<std::uint8_t>(grant.end),
                   .link = grant.link,
                   .holder = kHolderKernel,
                   .derivation = {},
                   .object = grant.object},
        slot(its_slot),
        contract(its_contract) {}
  const std::uint32_t slot;
  SpokenContracts contract;
  bool is_linked = false;      ///< it stands where the silo's stood among all that name the object
  bool is_counted = false;     ///< and counts as one
  bool is_given_away = false;  ///< a region that the silo does not have any more belongs to whom it was moved
  ManifestCapability* next = nullptr;
};

/// The manifest's capabilities of a silo, and how far a walk over them has come.
struct ManifestCapabilities {
  ManifestCapability* first = nullptr;
  ManifestCapability* last = nullptr;
  ManifestCapability* cursor = nullptr;

  void rewind() { cursor = first; }
};

/// At boot, for each that is installed. ENOMEM.
base::Result<void> note_manifest_capability(Unlocked, Silo& silo, std::uint32_t slot, const Grant& grant,
                                            const SpokenContracts& contract = {});
/// Start of boot.
void forget_manifest_capabilities();

// Walks over a silo's, from rewind() on, a few in each call: true when the end is reached.

/// The silo has stopped: where each stands among all that name its object is kept, so that what was derived from it
/// will be derived from it again. If the silo comes back, it counts as well: nobody is told that it has gone.
bool anchor_some(Unlocked, Silo& silo, bool comes_back);
/// Its capabilities are gone: who waits for it, and for nobody else, is told that it comes back (ECONNRESET).
bool tell_some_peers(Unlocked, Silo& silo, ipc::WakeList& wakes);
/// It has begun anew: it has them again, and the anchors are gone. EAGAIN: one of the objects is ending or being
/// revoked,
/// to be tried again. EPROTOTYPE: its program speaks another contract than an object of them, told on the console. Any
/// other error: it can not have one again.
base::Result<bool> give_some_again(Unlocked, Silo& silo);
/// It does not come back after all: the anchors end, as its capabilities would have.
bool drop_some_anchors(Unlocked, Silo& silo);
/// A revoke has come to an anchor, as to any capability of the silo. It will have the capability again.
Departure end_anchor(Unlocked, Capability& anchor);

}  // namespace kernel
