// SPDX-License-Identifier: Apache-2.0
//
// Revoke: see revoke.hpp. A table is changed by the core of its silo only, so a revoke goes from core to core: whoever
// revokes is in the list of the core at which the next capability is to end (Core::revokers). In shared sections.
#include "kernel/revoke.hpp"

#include "kernel/blocking_call.hpp"
#include "kernel/core.hpp"
#include "kernel/derivation.hpp"
#include "kernel/event_objects.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/objects.hpp"
#include "kernel/published_names.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

/// Each costs a look at the threads of its silo.
constexpr unsigned kRevokedPerStep = 4;

/// The right to signal of a timer, a binding or an interrupt line.
bool is_of_an_object(const Capability& capability) {
  return capability.holder == kHolderKernel &&
         (capability.handle == kHandleOfTimer || capability.handle == kHandleOfBinding ||
          capability.handle == kHandleOfLine);
}

/// Ends one derived capability, wherever it is.
Departure end_capability(Unlocked unlocked, Capability& capability) {
  if (capability.holder != kHolderKernel) {
    Silo& silo = *silos()[capability.holder];
    end_operations_through(silo, capability.handle, base::Error::ECANCELED);
    return silo.capabilities.remove_entry(unlocked, capability);
  }
  if (capability.handle == kHandleOfManifest) return end_anchor(unlocked, capability);
  if (capability.handle == kHandlePublished) return unpublish(unlocked, capability);
  return kill_transfer(unlocked, capability);
}

}  // namespace

void begin_revoke(Thread& thread, Capability& capability) {
  capability.object->is_revoking = true;
  thread.revoking = &capability;
  thread.revoked = 0;
  this_core().revokers.push_back(thread);
}

void abandon_revoke(Thread& thread) {
  if (thread.revoking == nullptr) return;
  thread.revoking->object->is_revoking = false;
  thread.revoking = nullptr;
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) {
    Core& core = core_of(base::CoreId(id));
    if (thread.revoking_node.is_linked_in(&core.revokers)) core.revokers.remove(thread);
  }
}

bool is_being_revoked_from(const Capability& capability) {
  if (!capability.object->is_revoking) return false;
  for (std::uint32_t id = 0; id < kCoresMaximum; ++id) {
    const auto& revokers = core_of(base::CoreId(id)).revokers;
    for (const Thread* thread = revokers.front(); thread != nullptr; thread = revokers.next(*thread)) {
      if (thread->revoking == &capability) return true;
    }
  }
  return false;
}

void revoke_step(Unlocked unlocked, Core& core, ipc::WakeList& wakes) {
  auto& revokers = core.revokers;
  Thread* const thread = revokers.front();
  if (thread == nullptr) return;
  Capability& capability = *thread->revoking;
  for (unsigned count = 0; count < kRevokedPerStep; ++count) {
    Capability* const derived = derivation::first_derived(capability);
    if (derived == nullptr) {
      ipc::Object& object = *capability.object;
      // What the end of the last ones means for the object (a region's mappings) is part of it.
      if (object.ending_node.is_linked()) {
        revokers.remove(*thread);
        revokers.push_back(*thread);
        return;
      }
      const std::uint64_t ended = thread->revoked;
      abandon_revoke(*thread);
      ipc::complete(*thread, {}, {.message = {.opcode = 0, .flags = 0, .word = {ended}}, .badge = 0, .token = 0});
      wakes.push_back(*thread);
      return;
    }
    if (derived->holder != kHolderKernel && silos()[derived->holder]->home != core.id().value()) {
      Core& next = core_of(silos()[derived->holder]->core());
      revokers.remove(*thread);
      next.revokers.push_back(*thread);
      next.signal();
      return;
    }
    if (is_of_an_object(*derived)) {
      end_signalling(*derived);
      continue;
    }
    note_departure(end_capability(unlocked, *derived));
    ++thread->revoked;
  }
}

}  // namespace kernel
