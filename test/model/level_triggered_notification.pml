// SPDX-License-Identifier: Apache-2.0
//
// Notifications and waiting for any of several objects. Bits stay set until a waiter takes them; waiters wait for any
// bit of a mask; a binding sets a bit each time its source has something; a thread that waits for any is linked at
// several objects and completed by one of them. Who is woken by a watch has taken nothing and looks again.
//
// stands for: ipc::cancel in ipc/party.cpp
// stands for: ipc::complete in ipc/party.cpp
// stands for: ipc::party_dies in ipc/party.cpp
// stands for: ipc::Notification::signal in ipc/notification.cpp
// stands for: ipc::Notification::wait in ipc/notification.cpp
// stands for: ipc::Notification::disconnect in ipc/notification.cpp
// stands for: ipc::WatchPoint::raise_all in ipc/watch.cpp
// stands for: ipc::WatchPoint::continue_raising in ipc/watch.cpp
// stands for: ipc::WatchPoint::add in ipc/watch.cpp
//
// abstracted: 64 bits are two, the second object is a queue of one whose readable condition is bound to bit 1. A kernel
// entry is one step. A raise wakes one party at once, others in steps of their own (kWakesPerRaise).
// bounds: two waiters (a thread that waits for ever for either bit; one for bit 1, with deadlines, that may die), two
// threads that wait for any of the two objects (one for ever, one with deadlines, that may die). No bound on
// operations. The source may fall silent at any time, and then nobody can set a bit any more: the notification ends.
//
// verify: safety
// verify: ltl events_are_taken -DENDLESS
//
// mutation A6: safety: no_event_is_lost: a signal that finds no waiter is forgotten
// mutation B1: safety: completed_once: a thread that is completed stays linked at the other objects
// mutation B2: safety: nothing_to_the_dead: a thread that dies stays linked where it waits
// mutation B2_DEADLINE: safety: linked_where_it_waits: so does one whose deadline passes
// mutation B9_LIFO: ltl events_are_taken -DENDLESS: acceptance cycle: the last waiter goes first
// mutation C9: safety: nobody_waits_in_vain: the end of a notification is not told to those that wait for any
// mutation C9_WAITERS: safety: nobody_waits_in_vain: nor to its waiters
// mutation D4: safety -DNEVER_ENDS: nobody_waits_for_what_is_there: a waiter looks in one step and blocks in another
// mutation D4_ANY: safety -DNEVER_ENDS: nobody_watches_what_is_there: so does a thread that waits for any
// mutation E5: safety: takes_what_it_asked_for: a signal goes to any waiter, whatever its mask
// mutation HALF_RAISED: safety: nobody_watches_what_is_there: a raise wakes the first party, and no step follows
// mutation UNBOUND: safety: no_event_is_lost: the source of a binding sets its bit only while somebody waits
#include "property.inc"
#define PARTIES 4          // 0, 1 wait for bits; 2, 3 for any
#define NOTIFICATION 0     // the objects
#define QUEUE 1
#define MASK(party) (party == 0 -> 3 : 2)
mtype = { NOTHING, BITS, ANY };          // Party::waiting
bool no_event_is_lost, completed_once, nothing_to_the_dead, nobody_waits_in_vain, nobody_waits_for_what_is_there,
     nobody_watches_what_is_there, takes_what_it_asked_for, linked_where_it_waits;

mtype waiting[PARTIES] = NOTHING;
bool is_ending[PARTIES], is_dead[PARTIES];
byte bits, untaken;                      // untaken: the oracle
byte items;
bool is_disconnected;
chan waiters = [2] of { byte };
chan watchers0 = [2] of { byte };        // of the notification
chan watchers1 = [2] of { byte };        // of the queue
bool is_pending[2];                      // points with parties that are still to be woken
byte found, taken, rounds;               // scratch

#define CAN_RUN(party) (waiting[party] == NOTHING && !is_ending[party])

inline look() {
#ifndef BROKEN_B1                        // it would hide what follows
  REQUIRE((waiting[0] != BITS) == !(waiters??[0]) && (waiting[1] != BITS) == !(waiters??[1]) &&
          (waiting[2] != ANY) == !(watchers0??[2]) && (waiting[3] != ANY) == !(watchers0??[3]) &&
          (waiting[2] != ANY) == !(watchers1??[2]) && (waiting[3] != ANY) == !(watchers1??[3]), linked_where_it_waits);
#endif
  REQUIRE(bits == untaken, no_event_is_lost);
  REQUIRE((waiting[0] != BITS || (bits & MASK(0)) == 0) && (waiting[1] != BITS || (bits & MASK(1)) == 0),
          nobody_waits_for_what_is_there);
  REQUIRE((bits == 0 || len(watchers0) == 0 || is_pending[NOTIFICATION]) &&
          (items == 0 || len(watchers1) == 0 || is_pending[QUEUE]), nobody_watches_what_is_there)
}

inline complete(party) {
  REQUIRE(!is_dead[party], nothing_to_the_dead);
  REQUIRE(waiting[party] != NOTHING, completed_once);
  waiting[party] = NOTHING
}

// WatchPoint::continue_raising, with room for one.
inline wake_watcher(mine, others, object) {
  if
  :: len(mine) != 0 ->
     mine?found;
#ifndef BROKEN_B1
     if
     :: others??[eval(found)] -> others??eval(found)
     :: else -> skip
     fi;
#endif
     complete(found)
  :: else -> skip
  fi;
  found = 0;
#ifndef BROKEN_HALF_RAISED
  is_pending[object] = (len(mine) != 0)
#endif
}

// The waiters, the first one first, take what they asked for; watchers are told what is left.
inline signal(new) {
  bits = bits | new;
  untaken = untaken | new;
  rounds = len(waiters);
  do
  :: rounds != 0 ->
     rounds--;
     waiters?found;
#ifdef BROKEN_B9_LIFO
     if
     :: len(waiters) == 1 && rounds == 1 -> waiters!found; waiters?found
     :: else -> skip
     fi;
#endif
     taken = bits & MASK(found);
#ifdef BROKEN_E5
     taken = bits;
#endif
     if
     :: taken != 0 ->
        REQUIRE((taken & ~MASK(found)) == 0, takes_what_it_asked_for);
        complete(found);
        bits = bits & ~taken;
        untaken = untaken & ~taken
     :: else -> waiters!found
     fi
  :: else -> break
  od;
  found = 0;
  taken = 0;
#ifdef BROKEN_A6
  bits = 0;
#endif
  if
  :: bits != 0 -> wake_watcher(watchers0, watchers1, NOTIFICATION)
  :: else -> skip
  fi
}

inline unlink_waiting(party) {
  if
  :: waiting[party] == BITS -> waiters??eval(party)
  :: waiting[party] == ANY -> watchers0??eval(party); watchers1??eval(party)
  :: waiting[party] == NOTHING -> skip
  fi
}

inline cancel(party) {
#ifndef BROKEN_B2_DEADLINE
  unlink_waiting(party);
#endif
  complete(party)
}

// The source of a binding has something: first its bindings, then who watches it.
inline put() {
  items = 1;
#ifdef BROKEN_UNBOUND
  if
  :: len(waiters) != 0 -> signal(2)
  :: else -> untaken = untaken | 2
  fi;
#else
  signal(2);
#endif
  wake_watcher(watchers1, watchers0, QUEUE)
}

proctype waiter(byte me) {
  bool is_over, must_block;
end_waiter:
  do
  :: d_step { CAN_RUN(me) && !is_over ->
       taken = bits & MASK(me);
       bits = bits & ~taken;
       untaken = untaken & ~taken;
       is_over = (taken == 0 && is_disconnected);       // EPIPE
       must_block = (taken == 0 && !is_disconnected);
       taken = 0;
#ifdef BROKEN_D4
       look() }
     d_step {
#endif
       if
       :: must_block -> waiters!me; waiting[me] = BITS
       :: else -> skip
       fi;
       must_block = false;
       look() }
  od
}

// Waits for any; looks again whenever it was woken, and takes what there is.
proctype watcher(byte me) {
  bool is_over, must_block;
end_watcher:
  do
  :: d_step { CAN_RUN(me) && !is_over ->
       if
       :: bits != 0 -> bits = 0; untaken = 0
       :: bits == 0 && items != 0 -> items = 0
       :: bits == 0 && items == 0 && is_disconnected -> is_over = true      // EPIPE, at the notification's place
       :: else -> must_block = true
       fi;
#ifdef BROKEN_D4_ANY
       look() }
     d_step {
#endif
       if
#ifdef BROKEN_B1
       :: must_block ->
          if :: watchers0??[eval(me)] -> skip :: else -> watchers0!me fi;
          if :: watchers1??[eval(me)] -> skip :: else -> watchers1!me fi;
          waiting[me] = ANY
#else
       :: must_block -> watchers0!me; watchers1!me; waiting[me] = ANY
#endif
       :: else -> skip
       fi;
       must_block = false;
       look() }
  :: d_step { CAN_RUN(me) && !is_over && items != 0 -> items = 0; look() }
  od
}

proctype source() {
  do
#ifdef ENDLESS
  :: d_step { true -> signal(2); look() }
#else
  :: d_step { true -> signal(1); look() }
  :: d_step { items == 0 -> put(); look() }
#ifndef NEVER_ENDS
  :: break
#endif
#endif
  od;
  // Nobody can set a bit any more: waiters are told one by one, then who watches.
  skip;
  d_step { is_disconnected = true; look() }
#ifndef BROKEN_C9_WAITERS
  do
  :: d_step { len(waiters) != 0 -> waiters?found; complete(found); found = 0; look() }
  :: len(waiters) == 0 -> break
  od;
#endif
#ifndef BROKEN_C9
  skip;
  d_step { is_pending[NOTIFICATION] = (len(watchers0) != 0); look() }
#endif
}

proctype raising() {
end_raising:
  do
  :: d_step { is_pending[NOTIFICATION] -> wake_watcher(watchers0, watchers1, NOTIFICATION); look() }
  :: d_step { is_pending[QUEUE] -> wake_watcher(watchers1, watchers0, QUEUE); look() }
  od
}

proctype deadlines(byte whom) {
end_deadlines:
  do
  :: d_step { waiting[whom] != NOTHING && !is_ending[whom] -> cancel(whom); look() }
  od
}

proctype death(byte whom) {
  if
  :: d_step { true -> is_ending[whom] = true; look() }
     d_step { true ->
#ifndef BROKEN_B2
       unlink_waiting(whom); waiting[whom] = NOTHING;
#endif
       is_dead[whom] = true; look() }
  :: true
  fi
}

proctype judge() {
  timeout;
  d_step {
    REQUIRE(waiting[0] == NOTHING && waiting[1] == NOTHING && waiting[2] == NOTHING && waiting[3] == NOTHING,
            nobody_waits_in_vain)
  }
}

init {
  atomic {
    run waiter(0); run waiter(1); run source();
#ifndef ENDLESS
    run watcher(2); run watcher(3); run raising();
    run deadlines(1); run deadlines(3); run death(1); run death(3);
    run judge()
#endif
  }
}

#ifdef ENDLESS
ltl events_are_taken { [] ((waiting[0] == BITS) -> (<> !(waiting[0] == BITS))) }
#endif
