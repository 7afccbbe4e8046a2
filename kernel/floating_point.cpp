// SPDX-License-Identifier: Apache-2.0
//
// Lazy floating point: the registers of a core belong to one thread at a time; for every other thread using them traps.
// So a thread that uses none costs nothing, and nobody ever sees a value that is not its own: a thread's first values
// are zero (Thread::floating_point). A dead owner's values are not saved; the next user's load overwrites all of them
// before its trap is opened.
#include "kernel/core.hpp"
#include "kernel/port/cpu.hpp"

namespace kernel {

void Core::claim_floating_point(Thread& thread) {
  if (floating_point_owner_ != &thread) {
    if (floating_point_owner_ != nullptr) {
      port::floating_point_save(floating_point_owner_->floating_point);
      port::set_floating_point_trap(floating_point_owner_->context(), true);
    }
    port::floating_point_load(thread.floating_point);
    floating_point_owner_ = &thread;
  }
  port::set_floating_point_trap(thread.context(), false);
}

}  // namespace kernel
