// SPDX-License-Identifier: Apache-2.0
//
// Revoke: everything derived from a capability ends, in steps of kRevokedPerStep with interrupts taken between, while
// the thread that asked is blocked. Nothing can be derived from any capability of the object meanwhile
// (Object::is_revoking), so the number of steps is fixed when it begins.
//
// INVARIANT: an object is_revoking if and only if exactly one thread is in the list of revokers with a capability to
// it. INVARIANT: the capability from which a revoke proceeds does not go while it goes on: closing it is EBUSY, and a
// thread whose silo stops leaves the list before its capabilities go.
#pragma once

#include "kernel/system_call.hpp"

namespace kernel {

/// One after the other, first in, first served.
void begin_revoke(Thread& thread, Capability& capability);
/// The thread is at its end; nothing happens if it does not revoke.
void abandon_revoke(Thread& thread);
/// Whether a revoke proceeds from it.
bool is_being_revoked_from(const Capability& capability);

/// One bounded step of the first one on this core; its thread is woken by the last, on whatever core that is.
void revoke_step(Unlocked, Core& core, ipc::WakeList& wakes);

}  // namespace kernel
