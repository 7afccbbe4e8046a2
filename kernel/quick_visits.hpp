// SPDX-License-Identifier: Apache-2.0
//
// Calls between cores beside others (object_section.hpp): a call or a send to a port of another core, which that core
// does, and the reply to a caller of another core. Each does exactly what the long way does (inbox.cpp,
// port_calls.cpp), in the commonest cases, or nothing.
#pragma once

#include "kernel/objects.hpp"
#include "kernel/thread.hpp"

namespace kernel {

/// What a thread of another core wants to have done here, on the port's core. In a BesideSection of this core.
class QuickVisit {
 public:
  explicit QuickVisit(Core& core) : core_(core) {}

  /// Whether run() can do it.
  bool is_common(const Thread& visitor);
  /// `visitor` is the one that was looked at, and no longer in the inbox. It counts as waiting until it waits for
  /// something else, so that no other core takes it for one that could answer.
  void run(Thread& visitor) const;

 private:
  Core& core_;
  const Capability* capability_ = nullptr;
  PortObject* port_ = nullptr;
  bool is_call_ = false;
};

/// A call of the running thread on a port of another core: it waits, and its core is left to whoever runs then, as in
/// quick_operations.hpp.
Thread* try_visit(Thread& thread);
/// A reply of the running thread to a caller of another core, and the receive behind it.
Thread* try_reply_elsewhere(Thread& thread);

}  // namespace kernel
