// SPDX-License-Identifier: Apache-2.0
//
// The big-reader lock of shared sections. Each core, again and again, either enters the section, or is beside others
// with one of two objects and leaves a thread in the one inbox; if somebody has asked for the section it waits for its turn
// first. Each load and each store is a step of its own. A store of a mark lies in the core's store buffer (`stored`)
// until it is seen by all; a sequentially consistent load waits for that.
//
// Bounds: three cores; the first goes ROUNDS times, the others once.
//
// stands for: kernel::SharedSection::enter in kernel/shared_section.cpp
// stands for: kernel::SharedSection::leave in kernel/shared_section.cpp
// stands for: kernel::SharedSection::wait in kernel/shared_section.cpp
// stands for: kernel::SharedSection::enter_beside in kernel/shared_section.cpp
// stands for: kernel::SharedSection::wait_beside in kernel/shared_section.cpp
// stands for: kernel::SharedSection::leave_beside in kernel/shared_section.cpp
// stands for: kernel::Core::post in kernel/inbox.cpp
//
// verify: safety
//
// mutation MARKS_IGNORED: safety: alone_in_section: who enters the section does not look at the marks
// mutation MARKS_FIRST: safety: alone_in_section: it looks at the marks before it has asked
// mutation ASKED_LATE: safety: alone_in_section: it asks when it has its turn and has seen the marks
// mutation LEFT_EARLY: safety: alone_in_section: it says that it has left before it has
// mutation ASKED_IGNORED: safety: alone_in_section: who is beside others does not look whether somebody has asked
// mutation ASKED_FIRST: safety: alone_in_section: it looks before its mark is set
// mutation UNORDERED: safety: alone_in_section: it looks before its mark is seen by others
// mutation MARKED_LATE: safety: alone_in_section: it passes its turn on before it has set its mark
// mutation MARK_KEPT: safety: invalid end state: it waits for its turn with its mark set
// mutation OBJECT_UNLOCKED: safety: one_at_an_object: the object's lock is not taken
// mutation INBOX_UNLOCKED: safety: one_at_an_inbox: the inbox's lock is not taken
#include "property.inc"

#define CORES 3
#define OBJECTS 2
#define ROUNDS 2

bool alone_in_section, one_at_an_object, one_at_an_inbox;

bool stored[CORES], mark[CORES];
byte asked, left, next, serving;
bool object_is_locked[OBJECTS], inbox_is_locked;
byte in_section, beside, at_object[OBJECTS], at_inbox;

inline set_mark() {
  stored[_pid] = true
}
inline clear_mark() {
  atomic { !stored[_pid] -> mark[_pid] = false }
}
inline wait_for_marks() {
  other = 0;
  do
  :: other < CORES -> !mark[other]; other++
  :: else -> break
  od
}
inline look() {
  seen = asked;
  is_wanted = seen != left
}

active [CORES] proctype core() {
  byte round, ticket, other, object, seen;
  byte rounds = (_pid == 0 -> ROUNDS : 1);
  bool is_wanted;
  do
  :: round == rounds -> break
  :: round < rounds ->
       round++;
       if
       :: goto section
       :: object = 0
       :: object = 1
       fi;

#ifdef BROKEN_ASKED_FIRST
       look();
       set_mark();
       !stored[_pid];
#else
       set_mark();
#ifndef BROKEN_UNORDERED
       !stored[_pid];
#endif
       look();
#endif
#ifdef BROKEN_ASKED_IGNORED
       is_wanted = false;
#endif
       if
       :: is_wanted ->
#ifndef BROKEN_MARK_KEPT
            clear_mark();
#endif
            atomic { ticket = next; next++ };
            serving == ticket;
#ifdef BROKEN_MARKED_LATE
            serving++;
            set_mark();
            !stored[_pid]
#else
            set_mark();
            !stored[_pid];
            serving++
#endif
       :: else
       fi;
       atomic { beside++; REQUIRE(in_section == 0, alone_in_section) };
#ifndef BROKEN_OBJECT_UNLOCKED
       atomic { !object_is_locked[object] -> object_is_locked[object] = true };
#endif
       atomic { at_object[object]++; REQUIRE(at_object[object] == 1, one_at_an_object) };
#ifndef BROKEN_INBOX_UNLOCKED
       atomic { !inbox_is_locked -> inbox_is_locked = true };
#endif
       atomic { at_inbox++; REQUIRE(at_inbox == 1, one_at_an_inbox) };
       at_inbox--;
       inbox_is_locked = false;
       at_object[object]--;
       object_is_locked[object] = false;
       beside--;
       clear_mark();
       goto done;

section:
#ifdef BROKEN_MARKS_FIRST
       wait_for_marks();
#endif
#ifndef BROKEN_ASKED_LATE
       asked++;
#endif
       atomic { ticket = next; next++ };
       serving == ticket;
#ifdef BROKEN_LEFT_EARLY
       left++;
#endif
#if !defined(BROKEN_MARKS_IGNORED) && !defined(BROKEN_MARKS_FIRST)
       wait_for_marks();
#endif
#ifdef BROKEN_ASKED_LATE
       asked++;
#endif
       atomic { in_section++; REQUIRE(in_section == 1 && beside == 0, alone_in_section) };
       in_section--;
#ifndef BROKEN_LEFT_EARLY
       left++;
#endif
       serving++;
done:  skip
  od
}

// Store buffers empty in their own time.
active proctype memory() {
  byte which;
end:
  do
  :: atomic { stored[0] -> stored[0] = false; mark[0] = true }
  :: atomic { stored[1] -> stored[1] = false; mark[1] = true }
  :: atomic { stored[2] -> stored[2] = false; mark[2] = true }
  od
}
