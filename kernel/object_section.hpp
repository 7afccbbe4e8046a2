// SPDX-License-Identifier: Apache-2.0
//
// ObjectSection: the time in which a core may touch one object that silos of several cores name, beside other cores
// that do the same with other objects; nobody is in a SharedSection meanwhile. Quick calls on such objects are in one
// (shared_calls.cpp). They touch, and nothing else:
//
//   the object, its queues and counts         under its own lock, to the end of the call
//   a thread of another core that waits for   until it has been taken out of the object's queue and left in the inbox
//   it, and its completion                    of its core: it is linked nowhere else, and its own core looks at what a
//                                             blocked thread waits for in shared sections only
//   the inbox of that core                    under the inbox's lock (Core::post); read in shared sections only
//   the pool of messages                      under its own lock
//   what is of this core alone                as every quick call
//
// Whoever listens to the object, its bindings, its end, deadlines, what a message brings along, and everything that
// goes through several objects are for shared sections.
#pragma once

#include "ipc/object.hpp"
#include "kernel/base/rank_check.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/shared_section.hpp"

namespace kernel {

/// The same without an object: for what belongs to this core alone, and threads that wait in its inbox or at its ports,
/// which no core but this one touches outside of shared sections (quick_mail.cpp, quick_visits.cpp).
class BesideSection {
 public:
  explicit BesideSection(base::CoreId core) : core_(core) { SharedSection::enter_beside(core_); }
  ~BesideSection() { SharedSection::leave_beside(core_); }
  BesideSection(const BesideSection&) = delete;
  BesideSection& operator=(const BesideSection&) = delete;

 private:
  base::CoreId core_;
};

class ObjectSection {
 public:
  explicit ObjectSection(base::CoreId core) : core_(core) {}
  ~ObjectSection() {
    if (object_ != nullptr) leave();
  }
  ObjectSection(const ObjectSection&) = delete;
  ObjectSection& operator=(const ObjectSection&) = delete;

  /// Once. Waits for at most one shared section and one quick call of each other core.
  void enter(ipc::Object& object) {
    SharedSection::enter_beside(core_);
    base::RankCheck::taken(base::LockRank::Object);
    object.lock.acquire(port::spin_hint);
    object_ = &object;
  }

 private:
  void leave() {
    object_->lock.release();
    base::RankCheck::given_back(base::LockRank::Object, SharedSection::rank);
    SharedSection::leave_beside(core_);
  }

  base::CoreId core_;
  ipc::Object* object_ = nullptr;
};

}  // namespace kernel
