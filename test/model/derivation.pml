// SPDX-License-Identifier: Apache-2.0
//
// The derivation tree kept in links of constant cost: a subtree found by the links is the subtree, whatever was
// derived, closed and revoked before, in any order. The links are in derivation.inc.
//
// stands for: kernel::CapabilityTable::duplicate in kernel/capability_table.cpp
// stands for: kernel::CapabilityTable::remove in kernel/capability_table.cpp
// stands for: kernel::derivation::link_child in kernel/derivation.cpp
// stands for: kernel::derivation::unlink in kernel/derivation.cpp
// stands for: kernel::derivation::first_derived in kernel/derivation.cpp
//
// abstracted: whose table an entry is in, rights, and handles; each operation is one step, as all of them run with
// interrupts masked (revoke.pml has the steps between).
// bounds: five capabilities at a time and no bound on operations. A wrong link shows with four: an entry, two
// children of it, one grandchild; the fifth is for what stands behind them.
//
// verify: safety
//
// mutation E13_DEPTH: safety: revoke_takes_only_what_was_derived: a list in pre-order with depths, in which closing
//   only unlinks: the children of a closed entry fall to the sibling in front of it, whose revoke then takes them
// mutation E13_UNRECORDED: safety: revoke_takes_all: what is duplicated is not recorded as derived
#include "property.inc"
#define ENTRIES 5
bool revoke_takes_only_what_was_derived, revoke_takes_all;
#include "derivation.inc"

inline derive(from) {
  find_free();
  if
  :: found != NOBODY ->
     link_child(found, from);
#ifdef BROKEN_E13_UNRECORDED
     unlink(found);
     link_child(found, OBJECT);
     parent[found] = from;
#endif
  :: else -> skip
  fi;
  found = 0
}

inline revoke(from) {
  find_derived(from);
  do
  :: found != NOBODY ->
     climb(found, from);
     REQUIRE(above == from, revoke_takes_only_what_was_derived);
     unlink(found);
     find_derived(from)
  :: else -> break
  od;
  // Behind the last one the oracle knows no other.
  found = 0;
  do
  :: found < ENTRIES ->
     if
     :: is_live[found] ->
        climb(found, from);
        REQUIRE(above != from, revoke_takes_all)
     :: else -> skip
     fi;
     found++
  :: else -> break
  od;
  found = 0;
  above = 0
}

active proctype holders() {
  byte place;
  d_step {
    begin_tree();
    link_child(0, OBJECT)
  }
  do
  :: place = 0;
     do
     :: place < ENTRIES - 1 -> place++
     :: break
     od;
     if
     :: is_live[place] ->
        if
        :: d_step { derive(place) }
        :: d_step { unlink(place) }
        :: d_step { revoke(place) }
        fi
     :: else -> skip
     fi
  :: d_step { derive(OBJECT) }  // another root: the manifest gives several silos the same object
  od
}
