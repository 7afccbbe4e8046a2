// SPDX-License-Identifier: Apache-2.0
//
// What quick calls share (quick_operations.hpp, quick_batches.cpp), which alone include this.
#pragma once

#include "ipc/semaphore.hpp"
#include "kernel/core.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/objects.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"

namespace kernel {

/// What quick calls share.
class QuickCallBase {
 protected:
  explicit QuickCallBase(Thread& thread) : thread_(thread), core_(thread.core()) {}

  /// SAFETY: the vectors mask interrupts before they call an entry, and a kernel that was left holds no lock.
  static Unlocked at_entry() { return base::hold_nothing(base::TokenSource::interrupts_masked()); }
  const Capability* find(abi::Right right) const {
    const auto found = thread_.silo().capabilities.lookup(Arguments(thread_).handle(), right);
    return found.ok() && is_ours(*found.value()->object) ? found.value() : nullptr;
  }
  /// No other core can be in the middle of using it.
  bool is_ours(const ipc::Object& object) const { return object.sole_core == thread_.ipc::Party::core; }
  /// Of a call that sends a message, if the message and the silo are common ones.
  const Capability* sender(abi::Right right) const {
    return Arguments(thread_).is_plain() && !thread_.silo().rate.is_limited() ? find(right) : nullptr;
  }
  auto may_wake() const {
    return [this](const ipc::Party& party) { return core_.can_wake_at_once(static_cast<const Thread&>(party)); };
  }
  auto may_block(base::Ticks deadline) const {
    return [this, deadline] { return core_.can_block_at_once(deadline); };
  }
  void write(ipc::QueuedMessage& node, const Capability& capability) const {
    Arguments(thread_).write_plain(node.message);
    node.badge = capability.badge;
    node.label = thread_.label;
  }
  Thread* sent() {
    ++thread_.silo().messages_sent;
    Results(thread_).succeed_at_once();
    return &thread_;
  }
  Thread* received() {
    ++thread_.silo().messages_received;
    return &thread_;
  }
  /// The message goes from the sender's registers into those of the receiver, which waits no more.
  Thread* handed(const Capability& capability, Thread& receiver) {
    ipc::Message message;
    Arguments(thread_).write_plain(message);
    Results(receiver).deliver_at_once(message, capability.badge, thread_.label);
    ++receiver.silo().messages_received;
    static_cast<void>(sent());
    return &core_.wake_at_once(receiver);
  }

  /// The waiter has got bits, and waits no more.
  Thread* woken(Thread& waiter, std::uint64_t bits) {
    Results(waiter).succeed_at_once(bits);
    return &core_.wake_at_once(waiter);
  }
  /// Who waits is woken by the handler.
  Thread* count_up(ipc::Semaphore& semaphore) const {
    if (!semaphore.post_at_once()) return nullptr;
    Results(thread_).succeed_at_once();
    return &thread_;
  }
  static Thread* try_batch(Thread& thread);

  Thread& thread_;
  Core& core_;
};

/// The batches among the quick calls; null as for the others.
Thread* try_quick_batch(Thread& thread);
inline Thread* QuickCallBase::try_batch(Thread& thread) { return try_quick_batch(thread); }

/// A call on an object that silos of several cores name (shared_calls.cpp), while several cores run.
Thread* try_shared_call(Thread& thread);

}  // namespace kernel
