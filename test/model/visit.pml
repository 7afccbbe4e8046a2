// SPDX-License-Identifier: Apache-2.0
//
// Two cores. A caller on core 1 calls a server on core 0: its thread goes into core 0's inbox (the visit), core 0 does
// the call on its behalf, the server replies, and the caller goes back through core 1's inbox (the post); its deadline
// or the end of its silo may come at any moment. Each core takes its interrupts only between shared sections, sleeps
// when it has nothing to run, and signals only an inbox that was empty. One atomic step is one shared section,
// or what is done beside others with one thread: until its operation is complete it belongs to the core that has it.
//
// Bounds: one server, two callers with CALLS calls each; deadlines and one death at any moment.
//
// stands for: kernel::Core::post in kernel/inbox.cpp
// stands for: kernel::Core::visit in kernel/inbox.cpp
// stands for: kernel::Core::read_mail in kernel/inbox.cpp
// stands for: kernel::Core::read_mail_at_once in kernel/quick_mail.cpp
// stands for: kernel::Core::visit_at_once in kernel/quick_mail.cpp
// stands for: kernel::Core::forget_mail in kernel/inbox.cpp
// stands for: kernel::Core::idle in kernel/scheduler.cpp
// stands for: kernel::Core::suspend in kernel/core.cpp
//
// verify: safety
//
// mutation UNSIGNALLED: safety: mail_is_signalled: whoever fills an inbox tells nobody
// mutation UNREAD: safety: mail_is_signalled: a core takes the signal and does not look into its inbox
// mutation LEFT: safety: mail_is_signalled: what is left of the mail waits for a signal that was taken already
// mutation TAKEN_TWICE: safety: completed_once: a deadline completes a caller that has been completed and has mail
// mutation DEAD_MAIL: safety: nothing_to_the_dead: who ends keeps its place in an inbox
// mutation STRAY_VISIT: safety: served_only_while_it_waits: a caller that gave up stays in the other core's inbox
#include "property.inc"

#define CALLERS 2
#define CALLS 2
#define NOBODYS CALLERS

mtype = { RUNS, VISITS, QUEUED, SERVED, POSTED, DEAD };
bool mail_is_signalled, completed_once, nothing_to_the_dead, served_only_while_it_waits;

mtype caller[CALLERS] = RUNS;            // where each of core 1's threads is
byte called[CALLERS], completed[CALLERS];
bool server_waits = true;
byte serves = NOBODYS;
bool has_record;                         // the caller that it serves still waits
chan visitors = [CALLERS] of { byte };   // core 0's inbox
chan queue = [CALLERS] of { byte };      // the port's
chan woken = [CALLERS] of { byte };      // core 1's inbox
bool signal_0, signal_1;                 // pending interrupts

inline look() {
  REQUIRE(len(visitors) == 0 || signal_0, mail_is_signalled);
  REQUIRE(len(woken) == 0 || signal_1, mail_is_signalled)
}

inline take(who) {                       // the server takes the call
  REQUIRE(caller[who] == VISITS || caller[who] == QUEUED, served_only_while_it_waits);
  serves = who;
  has_record = true;
  server_waits = false;
  caller[who] = SERVED
}

inline read_visitors() {
#ifdef BROKEN_UNREAD
  skip
#else
  if
  :: visitors?who ->                     // one at a time, and a signal to itself for the rest
       REQUIRE(caller[who] == VISITS, served_only_while_it_waits);
       if
       :: server_waits -> take(who)
       :: else -> queue!who; caller[who] = QUEUED
       fi
  :: empty(visitors)
  fi;
#ifndef BROKEN_LEFT
  if
  :: len(visitors) != 0 -> signal_0 = true
  :: else
  fi
#endif
#endif
}

inline reply() {
  if
  :: has_record ->
       REQUIRE(caller[serves] == SERVED, served_only_while_it_waits);
       completed[serves]++;
#ifndef BROKEN_UNSIGNALLED
       if
       :: len(woken) == 0 -> signal_1 = true
       :: else
       fi;
#endif
       woken!serves;
       caller[serves] = POSTED
  :: else
  fi;
  serves = NOBODYS;
  has_record = false;
  if
  :: queue?who -> take(who)
  :: empty(queue) -> server_waits = true
  fi
}

// Core 0 runs the server.
active proctype core_0() {
  byte who;
end:
  do
  :: atomic { signal_0 -> signal_0 = false; read_visitors(); look() }
  :: atomic { serves != NOBODYS -> reply(); look() }
  od
}

inline read_woken() {
  if
  :: woken?who ->
       REQUIRE(caller[who] != DEAD, nothing_to_the_dead);
       caller[who] = RUNS;
       if
       :: len(woken) != 0 -> signal_1 = true
       :: else
       fi
  :: empty(woken)
  fi
}

inline call(who) {
  called[who]++;
  caller[who] = VISITS;
  if
  :: len(visitors) == 0 -> signal_0 = true
  :: else
  fi;
  visitors!who
}

inline cancel(who) {                     // out of whatever it waits in
  if
  :: caller[who] == VISITS ->
#ifdef BROKEN_STRAY_VISIT
       skip
#else
       visitors??eval(who)
#endif
  :: caller[who] == QUEUED -> queue??eval(who)
  :: caller[who] == SERVED -> has_record = false
  fi;
  completed[who]++
}

// Core 1 runs the callers. Caller 0 has deadlines; the silo of caller 1 may stop.
active proctype core_1() {
  byte who;
end:
  do
  :: atomic { signal_1 -> signal_1 = false; read_woken(); look() }
  :: atomic { caller[0] == RUNS && called[0] < CALLS -> call(0); look() }
  :: atomic { caller[1] == RUNS && called[1] < CALLS -> call(1); look() }
  :: atomic { caller[0] == VISITS || caller[0] == QUEUED || caller[0] == SERVED -> cancel(0); caller[0] = RUNS; look() }
  :: atomic { caller[0] == POSTED ->     // its deadline finds it completed: it goes on with what it has got
#ifdef BROKEN_TAKEN_TWICE
       completed[0]++;
#endif
       REQUIRE(completed[0] == called[0], completed_once);
       woken??eval(0);
       caller[0] = RUNS;
       look()
     }
  :: atomic { caller[1] != DEAD ->
       if
       :: caller[1] == VISITS || caller[1] == QUEUED || caller[1] == SERVED -> cancel(1)
#ifndef BROKEN_DEAD_MAIL
       :: caller[1] == POSTED -> woken??1
#endif
       :: else
       fi;
       caller[1] = DEAD;
       look()
     }
  od
}
