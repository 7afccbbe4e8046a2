// SPDX-License-Identifier: Apache-2.0
//
// Three cores that leave each other mail and fall asleep beside others. Each step is what the processors order: a store
// or a load, a hold of an inbox's lock, an interrupt that is taken. Stores of marks are sequentially consistent, so
// there are no store buffers here. A core that sleeps wakes up by a signal; the last one awake must see that it is the
// last, so that it asks in a shared section whether anything can run at all.
//
// Bounds: three cores, MAILS mails altogether, left by whoever is awake.
//
// stands for: kernel::Core::falls_asleep in kernel/quick_mail.cpp
// stands for: kernel::Core::sleep in kernel/quick_mail.cpp
// stands for: kernel::Core::change_inbox in kernel/inbox.cpp
// stands for: kernel::every_core_is_idle in kernel/cores.cpp
//
// verify: safety
//
// mutation UNSIGNALLED: safety: nobody_sleeps_with_mail: whoever fills an inbox does not signal its core
// mutation MARK_OUTSIDE: safety: nobody_is_idle_with_mail: the mark is set without the inbox's lock, whatever has come
// mutation KEPT: safety: nobody_is_idle_with_mail: whoever leaves mail does not take the mark away
// mutation ASKS_FIRST: safety: somebody_asks: a core looks whether others are idle before it says that it is
#include "property.inc"

#define CORES 3
#define MAILS 2

bool nobody_sleeps_with_mail, nobody_is_idle_with_mail, somebody_asks;

byte mail[CORES];            // in the inbox
bool signalled[CORES];       // a pending interrupt
byte on_its_way[CORES];      // whoever fills the inbox has not signalled yet, if it is to do so
bool is_idle[CORES];         // the mark
bool sleeps[CORES];          // it waits for an interrupt, beside others
bool locked[CORES];          // the inbox
byte left = MAILS;
bool has_asked;              // since mail was left last, a core has seen all marks, and asks in a shared section

inline acquire(which) {
  atomic { !locked[which] -> locked[which] = true }
}

inline look() {
  REQUIRE(!sleeps[0] || mail[0] == 0 || signalled[0] || on_its_way[0] != 0, nobody_sleeps_with_mail);
  REQUIRE(!sleeps[1] || mail[1] == 0 || signalled[1] || on_its_way[1] != 0, nobody_sleeps_with_mail);
  REQUIRE(!sleeps[2] || mail[2] == 0 || signalled[2] || on_its_way[2] != 0, nobody_sleeps_with_mail);
  REQUIRE(locked[0] || !is_idle[0] || mail[0] == 0, nobody_is_idle_with_mail);
  REQUIRE(locked[1] || !is_idle[1] || mail[1] == 0, nobody_is_idle_with_mail);
  REQUIRE(locked[2] || !is_idle[2] || mail[2] == 0, nobody_is_idle_with_mail);
  REQUIRE(has_asked || !sleeps[0] || !sleeps[1] || !sleeps[2] || signalled[0] || signalled[1] || signalled[2],
          somebody_asks)
}

inline leave_mail(to) {
  acquire(to);
  was_empty = mail[to] == 0;
#ifdef BROKEN_UNSIGNALLED
  was_empty = false;
#endif
  atomic { on_its_way[to]++; look() };   // the lock is held: nobody looks into the inbox
  mail[to]++;
  has_asked = false;
#ifndef BROKEN_KEPT
  is_idle[to] = false;
#endif
  atomic { locked[to] = false; look() };
  atomic { signalled[to] = signalled[to] || was_empty; on_its_way[to]--; look() }
}

proctype core(byte me) {
  byte idle_cores;
  bool was_empty;
awake:
  if
  :: atomic { left > 0 -> left-- }; leave_mail((me + 1) % CORES); goto awake
  :: atomic { left > 0 -> left-- }; leave_mail((me + 2) % CORES); goto awake
  :: atomic { signalled[me] -> signalled[me] = false }; goto read
  :: goto fall
  fi;
read:
  acquire(me);
  atomic { mail[me] = 0; is_idle[me] = false; locked[me] = false };
  goto awake;
fall:
#ifdef BROKEN_ASKS_FIRST
  idle_cores = 1 + is_idle[(me + 1) % CORES];
  idle_cores = idle_cores + is_idle[(me + 2) % CORES];
#endif
#ifdef BROKEN_MARK_OUTSIDE
  atomic { is_idle[me] = true; look() };
#else
  acquire(me);
  atomic { is_idle[me] = mail[me] == 0; locked[me] = false; look() };
#endif
#ifndef BROKEN_ASKS_FIRST
  idle_cores = is_idle[me] + is_idle[(me + 1) % CORES];
  idle_cores = idle_cores + is_idle[(me + 2) % CORES];
#endif
  if
  :: idle_cores == CORES -> has_asked = true
  :: else
  fi;
  atomic { sleeps[me] = true; look() };
end:
  atomic { signalled[me] -> signalled[me] = false; sleeps[me] = false };
  goto read
}

init {
  atomic { run core(0); run core(1); run core(2) }
}
