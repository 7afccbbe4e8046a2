// SPDX-License-Identifier: Apache-2.0
//
// Quick calls on objects that silos of several cores name, beside whatever other cores do with other such objects
// (object_section.hpp). A thread of another core that is woken gets its results by its completion and its core's inbox;
// one of this core as in every quick call.
#include "kernel/object_section.hpp"
#include "kernel/quick_operations.hpp"
#include "kernel/quick_visits.hpp"

namespace kernel {

namespace {

class SharedCallBase : protected QuickCallBase {
 protected:
  explicit SharedCallBase(Thread& thread) : QuickCallBase(thread), section_(thread.core().id()) {}

  /// The object may be used from now on to the end of the call. Once.
  const Capability* find(abi::Right right) {
    const auto found = thread_.silo().capabilities.lookup(Arguments(thread_).handle(), right);
    if (!found.ok()) return nullptr;
    ipc::Object& object = *found.value()->object;
    if (!is_for_several(object)) return nullptr;
    section_.enter(object);
    return found.value();
  }
  const Capability* sender(abi::Right right) {
    return Arguments(thread_).is_plain() && !thread_.silo().rate.is_limited() ? find(right) : nullptr;
  }
  auto may_wake() const {
    return [this](const ipc::Party& party) {
      return is_elsewhere(party) || core_.can_wake_at_once(static_cast<const Thread&>(party));
    };
  }
  Thread* handed(const Capability& capability, Thread& receiver) {
    if (!is_elsewhere(receiver)) return QuickCallBase::handed(capability, receiver);
    ipc::Delivery delivery = {.message = {}, .badge = capability.badge, .token = 0, .label = thread_.label};
    Arguments(thread_).write_plain(delivery.message);
    post(receiver, delivery);
    return sent();
  }
  Thread* woken(Thread& waiter, std::uint64_t bits) {
    if (!is_elsewhere(waiter)) return QuickCallBase::woken(waiter, bits);
    post(waiter, ipc::Delivery{.message = {.opcode = 0, .flags = 0, .word = {bits}}, .badge = 0, .token = 0});
    return &thread_;
  }
  Thread* count_up(ipc::Semaphore& semaphore) {
    const auto is_elsewhere = [this](const ipc::Party& party) { return this->is_elsewhere(party); };
    ipc::Party* const waiter = semaphore.hand_over_at_once(is_elsewhere);
    if (waiter == nullptr) return QuickCallBase::count_up(semaphore);
    post(Thread::from(*waiter), {});
    Results(thread_).succeed_at_once();
    return &thread_;
  }
  /// In shared sections.
  static Thread* try_batch(Thread&) { return nullptr; }

 private:
  /// A port is its own core's, whoever else may send to it.
  bool is_for_several(const ipc::Object& object) const {
    return object.sole_core == ipc::kSeveralCores &&
           (object.home == ipc::kNoCore || object.home == thread_.ipc::Party::core);
  }
  bool is_elsewhere(const ipc::Party& party) const { return party.core != thread_.ipc::Party::core; }
  static void post(Thread& thread, const ipc::Delivery& delivery) {
    ipc::complete(thread, {}, delivery);
    thread.core().post(thread);
  }

  ObjectSection section_;
};

}  // namespace

Thread* try_shared_call(Thread& thread) {
  using abi::SystemCall;
  switch (Arguments(thread).number()) {
    case static_cast<std::uint64_t>(SystemCall::PORT_CALL): return try_visit(thread);
    case static_cast<std::uint64_t>(SystemCall::PORT_REPLY):
    case static_cast<std::uint64_t>(SystemCall::PORT_REPLY_AND_RECEIVE): return try_reply_elsewhere(thread);
    case static_cast<std::uint64_t>(SystemCall::PORT_SEND):
    case static_cast<std::uint64_t>(SystemCall::PORT_TRY_SEND): {
      // Neither blocks nor changes anything if it is not quick.
      Thread* const next = try_quickly<SharedCallBase>(thread);
      return next != nullptr ? next : try_visit(thread);
    }
    default: return try_quickly<SharedCallBase>(thread);
  }
}

}  // namespace kernel
