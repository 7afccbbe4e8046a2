// SPDX-License-Identifier: Apache-2.0
//
// The derivation tree of an object's capabilities, kept as one doubly linked list of brackets: each capability opens
// and closes, and what was derived from it stands between. So deriving and closing take constant time, however many
// there are, and a subtree is walked without a stack. When a capability is closed, what was derived from it stays
// derived from those that it was derived from itself: its brackets go, and what stood between stays where it is.
// (A list in pre-order with depths does not do: a child orphaned by the close of one sibling would fall to the next;
// test/model/derivation.pml, mutation E13_DEPTH.)
//
// INVARIANT: a capability is linked in the list of its object if and only if it names one other than the null object.
// INVARIANT: brackets are properly nested, and between those of a capability stand exactly those of what was derived
// from it, directly or not.
// A bracket is named in 32 bits, by the place of its capability in kernel memory: every capability lies there.
// Used in shared sections (kernel/shared_section.hpp).
#pragma once

#include "ipc/object.hpp"

namespace kernel {

struct Capability;

namespace derivation {

/// A capability that is derived from none.
void link_root(Capability& capability);
/// A capability that is derived from `parent`; both name the same object.
void link_child(Capability& capability, Capability& parent);
void unlink(Capability& capability);
/// `outer`, linked nowhere, takes the place of `inner` in the tree, which becomes derived from it with all that is.
void link_around(Capability& outer, Capability& inner);
/// The other way round: `inner` becomes derived from `outer`, and what was derived from that, from `inner`. It is
/// linked nowhere before.
void link_within(Capability& inner, Capability& outer);

/// The first of those derived from it, null if there are none.
Capability* first_derived(const Capability& capability);

/// Every capability of the object becomes derived from `root`, which is one of them. One step for each: for boot.
void derive_all_from(Capability& root);
/// The first capability of the object with this right, null if there is none. One step for each: for boot.
Capability* find_with(const ipc::Object& object, abi::Right right);

}  // namespace derivation
}  // namespace kernel
