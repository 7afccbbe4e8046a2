// SPDX-License-Identifier: Apache-2.0
//
// The derivation tree of an object's capabilities, kept as one list in pre-order with a depth for each
// (ipc::DerivationLink): what was derived from a capability is the run directly behind it of greater depth. So deriving
// and closing take constant time, however many there are, and a subtree is walked without a stack. When a capability
// is closed, what was derived from it stays derived from those that it was derived from itself.
//
// INVARIANT: a capability is linked in the list of its object if and only if it names one other than the null object.
// INVARIANT: behind a capability, up to the next one that is no deeper, stands exactly what was derived from it,
// directly or not. A new child is at least as deep as what follows it, so it takes no orphan of a closed sibling over.
// Depth grows by one with each derivation at most, so 64 bits do not come round.
// Used with interrupts masked by the one core that runs silos.
#pragma once

#include "kernel/capability.hpp"

namespace kernel::derivation {

/// SAFETY of the cast: links are members of capabilities only, and Capability::derivation is at kDerivationOffset.
inline Capability& capability_of(ipc::DerivationLink& link) {
  return *static_cast<Capability*>(
      static_cast<void*>(static_cast<std::byte*>(static_cast<void*>(&link)) - kDerivationOffset));
}

/// A capability that is derived from none.
inline void link_root(Capability& capability) {
  ipc::DerivationLink& link = capability.derivation;
  link = {nullptr, capability.object->first_capability, 0};
  if (link.next != nullptr) link.next->previous = &link;
  capability.object->first_capability = &link;
}

/// A capability that is derived from `parent`; both name the same object.
inline void link_child(Capability& capability, Capability& parent) {
  ipc::DerivationLink& link = capability.derivation;
  ipc::DerivationLink& before = parent.derivation;
  link = {&before, before.next, before.depth + 1};
  if (link.next != nullptr) {
    if (link.next->depth > link.depth) link.depth = link.next->depth;
    link.next->previous = &link;
  }
  before.next = &link;
}

inline void unlink(Capability& capability) {
  ipc::DerivationLink& link = capability.derivation;
  if (link.previous != nullptr) {
    link.previous->next = link.next;
  } else {
    capability.object->first_capability = link.next;
  }
  if (link.next != nullptr) link.next->previous = link.previous;
  link = {};
}

/// The first of those derived from it, null if there are none.
inline Capability* first_derived(const Capability& capability) {
  ipc::DerivationLink* const next = capability.derivation.next;
  return next != nullptr && next->depth > capability.derivation.depth ? &capability_of(*next) : nullptr;
}

}  // namespace kernel::derivation
