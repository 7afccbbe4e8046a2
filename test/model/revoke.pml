// SPDX-License-Identifier: Apache-2.0
//
// Revoke of a derivation subtree in bounded steps, while the holders of its capabilities derive, send them in messages,
// block in operations through them, close them, revoke in turn, and stop.
//
// stands for: kernel::CapabilityTable::duplicate in kernel/capability_table.cpp
// stands for: kernel::CapabilityTable::remove in kernel/capability_table.cpp
// stands for: kernel::end_operations_through in kernel/blocking_call.cpp
// stands for: kernel::close_handle in kernel/objects.cpp
// stands for: kernel::give_up_capabilities in kernel/objects.cpp
// stands for: kernel::derivation::first_derived in kernel/derivation.cpp
// stands for: kernel::begin_revoke in kernel/revoke.cpp
// stands for: kernel::revoke_step in kernel/revoke.cpp
// stands for: kernel::abandon_revoke in kernel/revoke.cpp
//
// abstracted: handles, rights, what the operations do, and the message but for the capability in it. One object; the
// mark "revoking" is the object's, so other objects have no part in this. A kernel entry is one step, and each step of
// a revoke is one; between any two, everything else may happen. The links are those of derivation.inc.
// bounds: three silos with one thread each, but closes also come from another thread of the same silo; one message;
// four capabilities at a time, and no bound on operations. The subtree then has up to three entries besides a sibling
// of it, enough for a chain, a fork, and one in a message behind another.
//
// verify: safety
// verify: ltl every_revoke_ends -DENTRIES=3
//
// mutation B10: safety: blocked_through_what_it_holds: a revoke ends nothing that is blocked through what it takes
// mutation B10_CLOSE: safety: blocked_through_what_it_holds: nor does a close
// mutation B3: safety: destroyed_exactly_at_the_last: a capability is looked up in one step and duplicated in another
// mutation C5: safety: nothing_is_left: a capability in a message is resolved when it is received
// mutation C7: safety: destroyed_exactly_at_the_last: a received capability is counted a second time
// mutation E13_UNRECORDED: safety: nothing_is_left: what is duplicated is not recorded as derived
// mutation E13_SIBLING: safety: only_the_subtree: revoke takes what its parent gave to others, too
// mutation UNMARKED: ltl every_revoke_ends: acceptance cycle: derivation goes on during a revoke, which never ends
// mutation ANCHOR: safety: only_the_subtree|revokes_through_what_it_holds: the capability that a revoke goes through is
//   closed, and the revoke goes on at its place
// mutation STUCK_MARK: safety: mark_means_a_revoke: a revoke that ends early leaves its mark behind
#include "property.inc"
#ifndef ENTRIES
#define ENTRIES 4
#endif
#define SILOS 3
#define MESSAGE SILOS      // the holder of a capability that is on its way
bool blocked_through_what_it_holds, destroyed_exactly_at_the_last, nothing_is_left, only_the_subtree,
     revokes_through_what_it_holds, mark_means_a_revoke;
#include "derivation.inc"

byte holder[ENTRIES];          // whose table, or MESSAGE
bool is_doomed[ENTRIES];       // the oracle: derived from what is being revoked when that began
byte references;
bool is_destroyed;
chan mailbox = [1] of { byte };    // a message: the capability in it, NOBODY if that was revoked on its way
byte blocked_through[SILOS] = NOBODY;
bool is_stopped[SILOS];
bool is_revoking;              // Object::is_revoking
byte anchor = NOBODY;          // what the revoke goes through
byte revoker = NOBODY;         // the silo whose thread is blocked in it
#ifdef BROKEN_B3
byte looked_up = NOBODY;
#endif

inline count_out(gone) {
  is_doomed[gone] = false;
  holder[gone] = 0;
  references--;
  if
  :: references == 0 -> is_destroyed = true
  :: else -> skip
  fi
}

inline end_operations(gone) {
  if
  :: holder[gone] < SILOS && blocked_through[holder[gone]] == gone -> blocked_through[holder[gone]] = NOBODY
  :: else -> skip
  fi
}

inline leave_message(gone) {
  if
  :: holder[gone] == MESSAGE -> mailbox?other; mailbox!NOBODY; other = 0
  :: else -> skip
  fi
}

inline end_revoke() {
  is_revoking = false;
  anchor = NOBODY;
  revoker = NOBODY;
  each = 0;
  do
  :: each < ENTRIES -> is_doomed[each] = false; each++
  :: else -> break
  od;
  each = 0
}

inline close(gone) {
#ifndef BROKEN_B10_CLOSE
  end_operations(gone);
#endif
  if
  :: anchor == gone ->
     // The revoke is itself an operation that is blocked through the capability: it ends with EPIPE, unfinished.
#ifdef BROKEN_STUCK_MARK
     anchor = NOBODY; revoker = NOBODY
#else
#ifdef BROKEN_ANCHOR
     skip
#else
     end_revoke()
#endif
#endif
  :: else -> skip
  fi;
  unlink(gone);
  count_out(gone)
}

inline derive(from, whose_new) {
  find_free();
  if
  :: found != NOBODY ->
     link_child(found, from);
#ifdef BROKEN_E13_UNRECORDED
     above = parent[found];
     unlink(found);
     link_child(found, OBJECT);
     parent[found] = above;
     above = 0;
#endif
     holder[found] = whose_new;
     references++
  :: else -> skip
  fi
}

#ifdef BROKEN_UNMARKED
#define MAY_DERIVE true
#else
#define MAY_DERIVE !is_revoking
#endif

inline send(from) {
  derive(from, MESSAGE);
  if
  :: found != NOBODY ->
#ifdef BROKEN_C5
     above = parent[found];
     unlink(found);          // in no list while it is on its way
     is_live[found] = true;
     parent[found] = above;
     above = 0;
#endif
     mailbox!found
  :: else -> skip
  fi;
  found = 0
}

inline receive(silo) {
  mailbox?found;
  if
  :: found != NOBODY ->
     holder[found] = silo;
#ifdef BROKEN_C5
     above = parent[found];
     link_child(found, OBJECT);
     parent[found] = above;
     above = 0;
#endif
#ifdef BROKEN_C7
     references++;
#endif
     skip
  :: else -> skip
  fi;
  found = 0
}

inline begin_revoke(silo, from) {
  is_revoking = true;
  anchor = from;
  revoker = silo;
  found = 0;
  do
  :: found < ENTRIES ->
     if
     :: is_live[found] -> climb(found, from); is_doomed[found] = (above == from)
     :: else -> skip
     fi;
     found++
  :: else -> break
  od;
  found = 0;
  above = 0
}

inline revoke_step() {
  REQUIRE(is_live[anchor] && holder[anchor] == revoker, revokes_through_what_it_holds);
#ifdef BROKEN_E13_SIBLING
  if
  :: parent[anchor] != OBJECT -> find_derived(parent[anchor])
  :: else -> find_derived(anchor)
  fi;
  if
  :: found == anchor -> find_derived(anchor)
  :: else -> skip
  fi;
#else
  find_derived(anchor);
#endif
  if
  :: found != NOBODY ->
#ifndef BROKEN_UNMARKED
     REQUIRE(is_doomed[found], only_the_subtree);
#endif
#ifndef BROKEN_B10
     end_operations(found);
#endif
     leave_message(found);
     unlink(found);
     count_out(found)
  :: else ->
     // Revoke returns: no capability that was derived exists, wherever it is.
     found = 0;
     do
     :: found < ENTRIES ->
        if
        :: is_live[found] -> climb(found, anchor); REQUIRE(above != anchor, nothing_is_left)
        :: else -> skip
        fi;
        found++
     :: else -> break
     od;
     above = 0;
     end_revoke()
  fi;
  found = 0
}

// After each step.
inline look() {
  each = 0;
  do
  :: each < ENTRIES && !is_live[each] -> each++
  :: else -> break
  od;
  REQUIRE(is_destroyed == (each == ENTRIES), destroyed_exactly_at_the_last);
  REQUIRE(is_revoking == (anchor != NOBODY), mark_means_a_revoke);
  each = 0;
  do
  :: each < SILOS ->
     REQUIRE(blocked_through[each] == NOBODY ||
             (is_live[blocked_through[each]] && holder[blocked_through[each]] == each), blocked_through_what_it_holds);
     each++
  :: else -> break
  od;
  each = 0
}

#define HOLDS(silo, capability) (is_live[capability] && holder[capability] == silo)
#define RUNS(silo) (!is_stopped[silo] && blocked_through[silo] == NOBODY && revoker != silo)

inline any_entry(chosen) {
  chosen = 0;
  do
  :: chosen < ENTRIES - 1 -> chosen++
  :: break
  od
}

// The thread of a silo. A choice of a capability that it does not hold is EBADF and changes nothing.
proctype silo_thread(byte me) {
  byte handle;
end_thread:
  do
  :: atomic { RUNS(me) -> any_entry(handle);
       if
#ifdef BROKEN_B3
       :: HOLDS(me, handle) && looked_up == NOBODY && me == 1 -> looked_up = handle
       :: looked_up != NOBODY && me == 1 && MAY_DERIVE ->
          d_step {
            if
            :: !is_live[looked_up] -> looked_up = OBJECT
            :: else -> skip
            fi;
            derive(looked_up, me); found = 0; looked_up = NOBODY; look() }
#else
       :: HOLDS(me, handle) && MAY_DERIVE -> d_step { derive(handle, me); found = 0; look() }
#endif
       :: HOLDS(me, handle) && MAY_DERIVE && len(mailbox) == 0 -> d_step { send(handle); look() }
       :: HOLDS(me, handle) && !is_revoking && me != 2 -> d_step { begin_revoke(me, handle); look() }
       :: HOLDS(me, handle) && me != 0 -> d_step { blocked_through[me] = handle; look() }
       :: HOLDS(me, handle) -> d_step { close(handle); look() }
       :: len(mailbox) == 1 -> d_step { receive(me); look() }
       :: else -> skip
       fi;
       handle = 0 }
  // Another thread of the silo closes.
  :: atomic { !RUNS(me) && !is_stopped[me] -> any_entry(handle);
       if
       :: HOLDS(me, handle) -> d_step { close(handle); look() }
       :: else -> skip
       fi;
       handle = 0 }
  // Something else ends what it is blocked in.
  :: d_step { blocked_through[me] != NOBODY -> blocked_through[me] = NOBODY }
  od
}

// The steps that the kernel does between others' entries: of a revoke, one each time...
active proctype revoke_work() {
end_revoke_work:
  do
  :: d_step { is_revoking && anchor != NOBODY -> revoke_step(); look() }
  od
}

// ...and of the end of a silo.
active proctype stop_work() {
  byte handle;
  d_step {
    begin_tree();
    link_child(0, OBJECT); holder[0] = 0;
    link_child(1, 0);      holder[1] = 1;
    link_child(2, 1);      holder[2] = 2;
    references = 3
  }
  atomic { run silo_thread(0); run silo_thread(1); run silo_thread(2) }
end_stop_work:
  do
  :: d_step { !is_stopped[1] -> is_stopped[1] = true; blocked_through[1] = NOBODY; look() }
  :: atomic { is_stopped[1] -> any_entry(handle);
       if
       :: HOLDS(1, handle) -> d_step { close(handle); look() }
       :: else -> skip
       fi;
       handle = 0 }
  od
}

ltl every_revoke_ends { [] (is_revoking -> <> !is_revoking) }
