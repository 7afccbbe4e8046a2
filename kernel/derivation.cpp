// SPDX-License-Identifier: Apache-2.0
//
// The list of brackets: see derivation.hpp.
#include "kernel/derivation.hpp"

#include "kernel/capability.hpp"
#include "kernel/kernel_memory.hpp"

namespace kernel::derivation {

namespace {

using ipc::Bracket;
using Reference = ipc::BracketReference;

constexpr Reference kNone = 0;
constexpr Reference kIsClosing = 1;

/// Capabilities are 64 bytes and aligned to that, so the place of one counts in those units; 0 is nobody.
Reference opening_of(const Capability& capability) {
  return (kernel_memory_place(&capability, sizeof(Capability)) + 1) << 1;
}
Reference closing_of(const Capability& capability) { return opening_of(capability) | kIsClosing; }
bool is_opening(Reference reference) { return reference != kNone && (reference & kIsClosing) == 0; }

Capability& capability_of(Reference reference) {
  // SAFETY: references are made by opening_of() and closing_of() alone, of capabilities that are linked.
  return *static_cast<Capability*>(
      static_cast<void*>(kernel_memory_of_place((reference >> 1) - 1, sizeof(Capability))));
}
Bracket& bracket(Reference reference) {
  ipc::DerivationLinks& links = capability_of(reference).derivation;
  return (reference & kIsClosing) != 0 ? links.closing : links.opening;
}

/// Links two neighbours; either may be the end of the list of `object`.
void join(ipc::Object& object, Reference before, Reference after) {
  if (before != kNone) {
    bracket(before).next = after;
  } else {
    object.first_capability = after;
  }
  if (after != kNone) bracket(after).previous = before;
}

/// Both brackets, one behind the other, between two neighbours.
void insert(Capability& capability, Reference before, Reference after) {
  const Reference opening = opening_of(capability);
  const Reference closing = closing_of(capability);
  ipc::Object& object = *capability.object;
  join(object, before, opening);
  join(object, opening, closing);
  join(object, closing, after);
}

}  // namespace

void link_root(Capability& capability) { insert(capability, kNone, capability.object->first_capability); }

void link_child(Capability& capability, Capability& parent) {
  insert(capability, opening_of(parent), parent.derivation.opening.next);
}

void unlink(Capability& capability) {
  ipc::Object& object = *capability.object;
  join(object, capability.derivation.closing.previous, capability.derivation.closing.next);
  join(object, capability.derivation.opening.previous, capability.derivation.opening.next);
  capability.derivation = {};
}

void link_around(Capability& outer, Capability& inner) {
  ipc::Object& object = *inner.object;
  join(object, inner.derivation.opening.previous, opening_of(outer));
  join(object, opening_of(outer), opening_of(inner));
  const Reference behind = inner.derivation.closing.next;
  join(object, closing_of(inner), closing_of(outer));
  join(object, closing_of(outer), behind);
}

void link_within(Capability& inner, Capability& outer) {
  ipc::Object& object = *outer.object;
  const Reference first = outer.derivation.opening.next;
  const bool is_leaf = first == closing_of(outer);
  join(object, opening_of(inner), is_leaf ? closing_of(inner) : first);
  join(object, opening_of(outer), opening_of(inner));
  if (!is_leaf) join(object, outer.derivation.closing.previous, closing_of(inner));
  join(object, closing_of(inner), closing_of(outer));
}

Capability* first_derived(const Capability& capability) {
  const Reference next = capability.derivation.opening.next;
  return is_opening(next) ? &capability_of(next) : nullptr;
}

void derive_all_from(Capability& root) {
  unlink(root);
  ipc::Object& object = *root.object;
  const Reference first = object.first_capability;
  Reference last = first;
  while (last != kNone && bracket(last).next != kNone) last = bracket(last).next;
  join(object, kNone, opening_of(root));
  join(object, opening_of(root), first == kNone ? closing_of(root) : first);
  if (last != kNone) join(object, last, closing_of(root));
  join(object, closing_of(root), kNone);
}

Capability* find_with(const ipc::Object& object, abi::Right right) {
  for (Reference at = object.first_capability; at != kNone; at = bracket(at).next) {
    if (is_opening(at) && has_right(capability_of(at).rights, right)) return &capability_of(at);
  }
  return nullptr;
}

}  // namespace kernel::derivation
