// SPDX-License-Identifier: Apache-2.0
//
// What hal/aarch64/fast_path.S does, in C++, for a host that has no such assembly: the same words of memory read and
// written in the same order, the same registers left, zeroed and loaded. Each check of the assembly is a function here,
// so that tests can say which one leaves. It knows contexts, capabilities and objects as the assembly does, by what
// lies in them, and calls nothing of the kernel.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "kernel/capability.hpp"
#include "kernel/port/direct_call.h"
#include "kernel/port/thread_context.h"
#include "test/fakes/fake_machine.hpp"

namespace fakes::fast_path {

/// The core's registers as EL0 leaves them, laid out as in a context.
struct Registers {
  std::uint64_t x[31];
  std::uint64_t program_counter;  ///< ELR_EL2
  std::uint64_t stack_pointer;    ///< SP_EL0
  std::uint64_t processor_state;  ///< SPSR_EL2
  std::uint64_t thread_pointer;   ///< TPIDR_EL0
};
static_assert(offsetof(Registers, program_counter) == CONTEXT_PROGRAM_COUNTER);
static_assert(offsetof(Registers, stack_pointer) == CONTEXT_STACK_POINTER);
static_assert(offsetof(Registers, processor_state) == CONTEXT_PROCESSOR_STATE);
static_assert(offsetof(Registers, thread_pointer) == CONTEXT_THREAD_POINTER);

using port::ThreadContext;

// PORT_CALL: `sp` is the running thread's context.

inline const kernel::Capability& entry_of(const ThreadContext& sp, const Registers& cpu) {
  const auto* const table = static_cast<const std::byte*>(sp.capabilities);
  return *reinterpret_cast<const kernel::Capability*>(table + (sp.capability_mask & cpu.x[0]));
}
inline bool is_port_call(const Registers& cpu) { return cpu.x[8] == CALL_NUMBER_PORT_CALL; }
inline bool has_plain_flags(const Registers& cpu) { return cpu.x[2] <= 1; }
inline bool is_the_handle(const kernel::Capability& entry, const Registers& cpu) { return entry.handle == cpu.x[0]; }
inline bool may_go_deeper(const ThreadContext& sp) { return sp.direct_depth <= DIRECT_DEPTH_MAXIMUM; }
inline bool timer_comes_first(const ThreadContext& sp, const Registers& cpu) {
  return cpu.x[7] >= sp.core_words->armed;
}
inline bool may_call(const kernel::Capability& entry) { return (entry.rights >> CAPABILITY_RIGHT_PORT_CALL & 1) != 0; }
inline bool is_offered(const ipc::Object& object) { return object.direct_receiver != nullptr; }
inline bool is_offered_floating(const ipc::Object& object) { return object.floating_receiver != nullptr; }
inline bool holds_receivers_values(const ThreadContext& sp, const ipc::Object& object) {
  return sp.core_words->floating_point_owner == object.floating_receiver;
}
inline bool holds_callers_values(const ThreadContext& sp) { return sp.core_words->floating_point_owner == &sp; }

// PORT_REPLY_AND_RECEIVE.

inline bool is_reply_and_receive(const Registers& cpu) { return cpu.x[8] == CALL_NUMBER_REPLY_AND_RECEIVE; }
inline bool is_the_handle_it_waited_by(const ThreadContext& sp, const Registers& cpu) {
  return sp.general[0] == cpu.x[0];
}
inline bool is_the_token(const ThreadContext& sp, const Registers& cpu) { return sp.direct_token == cpu.x[13]; }
inline bool receives_for_ever(const Registers& cpu) { return cpu.x[7] == ~std::uint64_t{0}; }
inline bool serves(const ThreadContext& sp) { return sp.direct_caller != nullptr; }
inline bool serves_floating(const ThreadContext& sp) { return sp.floating_caller != 0; }
inline bool has_exchanged(const ThreadContext& sp) { return (sp.floating_caller & 1) != 0; }

/// Everything behind this line of the assembly is as if nothing could fail.
class Commit {
 public:
  Commit(ThreadContext& sp, Registers& cpu) : from_(sp), cpu_(cpu) {}

  /// commit_call: X8 is the token then.
  ThreadContext& call(void*& receiver_word, std::uint64_t badge) {
    ThreadContext& to = *static_cast<ThreadContext*>(receiver_word);
    receiver_word = nullptr;
    from_.call_handle = cpu_.x[0];
    from_.call_deadline = cpu_.x[7];
    save_sender();
    ++from_.direct_calls;
    to.direct_depth = from_.direct_depth + 1;
    cpu_.x[8] = to.direct_token + 1;
    to.direct_token = cpu_.x[8];
    cpu_.x[7] = badge;
    cpu_.x[0] = 0;
    return to;
  }
  /// commit_reply. The word in which it has its caller is cleared by the one who knows which it is.
  ThreadContext& reply(void* ipc::Object::*receiver_word, ThreadContext& caller) {
    save_sender();
    static_cast<ipc::Object*>(from_.served_port)->*receiver_word = &from_;
    cpu_.x[7] = 0;
    cpu_.x[8] = 0;
    cpu_.x[0] = 0;
    return caller;
  }
  void exchange_floating_point(ThreadContext& to) {
    from_.floating_point = floating_point_registers();
    floating_point_registers() = to.floating_point;
    to.core_words->floating_point_owner = &to;
    to.trap_control = from_.trap_control;
  }
  /// resume_receiver
  ThreadContext* resume(ThreadContext& to) {
    cpu_.program_counter = to.program_counter;
    cpu_.stack_pointer = to.stack_pointer;
    cpu_.thread_pointer = to.thread_pointer;
    cpu_.processor_state = 0;
    for (unsigned i = 19; i <= 30; ++i) cpu_.x[i] = to.general[i];
    cpu_.x[13] = from_.zero_pair[1];
    cpu_.x[14] = from_.sender_label;
    for (unsigned i = 15; i <= 18; ++i) cpu_.x[i] = to.zero_pair[(i - 15) % 2];
    if (cpu_.x[2] == 0) {
      for (unsigned i = 9; i <= 12; ++i) cpu_.x[i] = to.zero_pair[(i - 9) % 2];
    }
    return &to;
  }

 private:
  void save_sender() {
    for (unsigned i = 19; i <= 30; ++i) from_.general[i] = cpu_.x[i];
    from_.program_counter = cpu_.program_counter;
    from_.stack_pointer = cpu_.stack_pointer;
    from_.thread_pointer = cpu_.thread_pointer;
  }

  ThreadContext& from_;
  Registers& cpu_;
};

/// take_long_way: nothing has changed but X14-X18, which are nobody's.
inline ThreadContext* leave() { return nullptr; }

inline ThreadContext* call_floating(ThreadContext& sp, Registers& cpu, ipc::Object& object, std::uint64_t badge) {
  if (!is_offered_floating(object)) return leave();
  Commit commit(sp, cpu);
  const auto caller = reinterpret_cast<std::uint64_t>(&sp);
  if (holds_receivers_values(sp, object)) {
    ThreadContext& to = commit.call(object.floating_receiver, badge);
    to.floating_caller = caller;
    return commit.resume(to);
  }
  if (!holds_callers_values(sp)) return leave();
  ThreadContext& to = commit.call(object.floating_receiver, badge);
  to.floating_caller = caller + 1;
  commit.exchange_floating_point(to);
  return commit.resume(to);
}

inline ThreadContext* reply_floating(ThreadContext& sp, Registers& cpu) {
  if (!serves_floating(sp)) return leave();
  const bool exchanged = has_exchanged(sp);
  auto& caller = *reinterpret_cast<ThreadContext*>(sp.floating_caller & ~std::uint64_t{1});
  sp.floating_caller = 0;
  Commit commit(sp, cpu);
  ThreadContext& to = commit.reply(&ipc::Object::floating_receiver, caller);
  if (exchanged) commit.exchange_floating_point(to);
  return commit.resume(to);
}

inline ThreadContext* reply_and_receive(ThreadContext& sp, Registers& cpu) {
  if (!is_reply_and_receive(cpu) || !has_plain_flags(cpu) || !is_the_handle_it_waited_by(sp, cpu) ||
      !is_the_token(sp, cpu) || !receives_for_ever(cpu)) {
    return leave();
  }
  if (!serves(sp)) return reply_floating(sp, cpu);
  ThreadContext& caller = *sp.direct_caller;
  sp.direct_caller = nullptr;
  Commit commit(sp, cpu);
  return commit.resume(commit.reply(&ipc::Object::direct_receiver, caller));
}

/// The null call: who made it goes on.
inline ThreadContext* long_way_unless_null(ThreadContext& sp, Registers& cpu) {
  if (cpu.x[8] != CALL_NUMBER_NULL) return leave();
  for (unsigned i = 0; i <= 18; ++i) cpu.x[i] = 0;
  cpu.processor_state = 0;
  return &sp;
}

/// svc. Whose registers `cpu` holds afterwards; null if the kernel is to be entered, and nothing has changed then.
inline ThreadContext* take(ThreadContext& sp, Registers& cpu) {
  if ((cpu.x[8] >> CALL_NUMBER_BIT & 1) != 0) return reply_and_receive(sp, cpu);
  const kernel::Capability& entry = entry_of(sp, cpu);
  ipc::Object& object = *entry.direct;
  if (!is_port_call(cpu) || !has_plain_flags(cpu) || !is_the_handle(entry, cpu) || !may_go_deeper(sp) ||
      !timer_comes_first(sp, cpu)) {
    return long_way_unless_null(sp, cpu);
  }
  if (!may_call(entry)) return leave();
  if (!is_offered(object)) return call_floating(sp, cpu, object, entry.badge);
  Commit commit(sp, cpu);
  ThreadContext& to = commit.call(object.direct_receiver, entry.badge);
  to.direct_caller = &sp;
  return commit.resume(to);
}

}  // namespace fakes::fast_path
