// SPDX-License-Identifier: Apache-2.0
//
// Lazy floating point: the registers of a core belong to one thread at a time; for every other thread using them traps.
// So a thread that uses none costs nothing, and nobody ever sees a value that is not its own: a thread's first values
// are zero (ThreadContext::floating_point). A dead owner's values are not saved; the next user's load overwrites all of
// them before its trap is opened.
#include "kernel/core.hpp"
#include "kernel/port/cpu.hpp"

namespace kernel {

void Core::claim_floating_point(Thread& thread) {
  port::ThreadContext*& owner = words_.floating_point_owner;
  if (owner != &thread.context()) {
    if (owner != nullptr) {
      port::floating_point_save(owner->floating_point);
      port::set_floating_point_trap(*owner, true);
    }
    port::floating_point_load(thread.floating_point);
    owner = &thread.context();
  }
  thread.uses_floating_point = true;
  port::set_floating_point_trap(thread.context(), false);
}

}  // namespace kernel
