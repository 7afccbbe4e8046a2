// SPDX-License-Identifier: Apache-2.0
//
// SharedSection: the time in which a core may touch what other cores use as well, all of it. Every long way through the
// kernel is one (entry.cpp); the fast path, the quick calls, and quick mail and sleep (quick_mail.cpp) are not:
//
//   of this core alone   its run queue, its threads' states and registers, the offers at its ports, the entries of its
//                        silos' tables, and objects that only silos of this core name (ipc::Object::sole_core); what
//                        others look at meanwhile, without acting on it, is a base::Relaxed
//   in a shared section  everything else: objects that silos of several cores name, derivation, quotas, pools, names,
//                        page tables, the inboxes of other cores, and what is left over
//   beside others        one object that silos of several cores name, under its own lock, or a thread of another core
//                        that is in this one's inbox or waits at one of its ports (object_section.hpp): as many cores
//                        as like at once, but none while a core is in a shared section
//
// A core never makes a thread of another core run: it puts the thread into that core's inbox and signals the core
// (Core::post). A call that has to look at what belongs to one core alone visits that core (Core::visit).
//
// So it is a big-reader lock: who is beside others has set the mark of its core, which nobody else writes, and has then
// seen that nobody has asked for the section; who enters the section has asked for it, and has then seen each mark
// clear. One of the two always sees the other. To be beside others takes no read-modify-write. Who finds that somebody
// has asked draws a ticket as well, sets its mark when its turn has come, and passes the turn on: so everybody waits in
// the order of asking, for at most one hold of each other core.
//
// The lock has the lowest rank: it is taken where the kernel is entered, before any other, and given back where it is
// left, and in between wherever the kernel waits or has done one step of its left-over work.
#pragma once

#include <cstdint>

#include "kernel/base/ids.hpp"
#include "kernel/base/lock_rank.hpp"

namespace kernel {

class SharedSection {
 public:
  static constexpr base::LockRank rank = base::LockRank::Cores;
  SharedSection() { enter(); }
  ~SharedSection() { leave(); }
  SharedSection(const SharedSection&) = delete;
  SharedSection& operator=(const SharedSection&) = delete;

  /// Out of the section for as long as it lives; afterwards anything may have changed.
  class Pause {
   public:
    Pause() { leave(); }
    ~Pause() { enter(); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
  };

  /// Start of boot, when one core runs alone: cores below `count` will run, no others. 1: it has nobody to exclude.
  static void set_cores(std::uint32_t count);

  // Beside others: object_section.hpp alone.

  static void enter_beside(base::CoreId core);
  static void leave_beside(base::CoreId core);

 private:
  static void enter();
  static void leave();
  static void wait(std::uint32_t ticket);
  static void wait_beside(base::CoreId core);
};

}  // namespace kernel
