// SPDX-License-Identifier: Apache-2.0
//
// SharedSection: the time in which a core may touch what other cores use as well. Every long way through the kernel is
// one (entry.cpp); the fast path and the quick calls are not, because they touch nothing of that kind:
//
//   of this core alone   its run queue, its threads' states and registers, the offers at its ports, the entries of its
//                        silos' tables, and objects that only silos of this core name (ipc::Object::sole_core)
//   in a shared section  everything else: objects that silos of several cores name, derivation, quotas, pools, names,
//                        page tables, the inboxes of other cores, and what is left over
//
// A core never makes a thread of another core run: it puts the thread into that core's inbox and signals the core
// (Core::post). A call that has to look at what belongs to one core alone visits that core (Core::visit).
//
// The lock has the lowest rank: it is taken where the kernel is entered, before any other, and given back where it is
// left, and in between wherever the kernel waits or has done one step of its left-over work.
#pragma once

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

 private:
  static void enter();
  static void leave();
};

}  // namespace kernel
