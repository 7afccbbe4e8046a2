// SPDX-License-Identifier: Apache-2.0
//
// Making threads, at boot. Owns their pool and the list of all; threads are made once and their records stay, so a
// pointer to a thread is good for ever.
#include "kernel/thread.hpp"

#include "kernel/core.hpp"
#include "kernel/direct_call.hpp"
#include "kernel/message_page.hpp"
#include "kernel/object_pool.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/silo.hpp"

namespace kernel {

namespace {

constexpr std::uint64_t kStackAlignment = 16;  // AAPCS64; SP alignment checking is on at EL0

struct Threads {
  std::uint32_t count = 0;
  Thread* all[kThreadsMaximum] = {};
};
constinit Threads threads;
constinit ObjectPool<Thread> pool;
constinit ObjectPool<Limit> limits;

bool is_sane(const BudgetDescription& budget) {
  if (budget.amount == 0) return budget.period == 0;
  return budget.amount >= abi::kBudgetMinimum && budget.amount <= budget.period &&
         budget.period >= abi::kPeriodMinimum && budget.period <= abi::kPeriodMaximum &&
         budget.overrun <= abi::Overrun::EndCall;
}

base::Ticks ticks(std::uint32_t microseconds) {
  return base::Ticks(port::clock_frequency() * microseconds / 1'000'000);
}

bool is_sane(const ThreadDescription& description) {
  return !description.name.empty() && description.name.size() <= abi::kNameLengthMaximum &&
         description.priority.value() < abi::kPriorityCount && description.entry.value() < port::kSiloAddressLimit &&
         description.stack_pointer.value() % kStackAlignment == 0 &&
         description.stack_pointer.value() <= port::kSiloAddressLimit && is_sane(description.budget);
}

}  // namespace

static_assert(alignof(Thread) == 64, "port/thread_context.h: cache line aligned, by the pool");
static_assert(std::is_trivially_destructible_v<Thread>);

Thread::Thread(Silo& silo, Core& core, const ThreadDescription& description, std::uint32_t index,
               abi::MessagePage& page)
    : ThreadContext{},
      silo_(&silo),
      core_(&core),
      entry_(description.entry),
      argument_(description.argument),
      message_page_(&page),
      index_in_silo_(index),
      own_priority_(description.priority),
      effective_priority_(description.priority),
      initial_stack_pointer_(description.stack_pointer),
      name_(description.name) {
  own_context_.partition = silo.partition;
  label = silo.label;
  ipc::Party::core = static_cast<std::uint8_t>(core.id().value());
  prepare();
}

void Thread::prepare() {
  port::prepare_context(*this, entry_.value(), initial_stack_pointer_.value());
  sender_label = silo_->label;
  general[0] = argument_;
  general[1] = silo_->argument;
  translation_base = silo_->space.translation_base();
  kernel_stack = port::kernel_stack_top(core_->id());
  core_words = &core_->words();
  admit_direct_calls(*this);
}

void Thread::begin_again() {
  if (state_ != ThreadState::Dead) __builtin_trap();
  const std::uint64_t calls_so_far = direct_calls;
  const std::uint64_t last_token = direct_token;
  prepare();
  direct_calls = calls_so_far;
  direct_token = last_token;  // a token is never used twice
  uses_floating_point = false;
  accepts_capability = false;
  completion = {};
  results_in_ = ResultsIn::Registers;
  call_depth_ = 0;
  turn_left_ = {};
}

base::Result<Thread*> create_thread(Silo& silo, const ThreadDescription& description) {
  if (!is_sane(description)) return base::Error::EINVAL;
  if (!core_runs(description.core)) return base::Error::EINVAL;
  // A silo lives on one core (decision 0025).
  if (!silo.threads().empty() && description.core != silo.core()) return base::Error::EINVAL;
  for (const Thread* const other : silo.threads()) {
    if (other->name() == description.name) return base::Error::EEXIST;
  }
  if (threads.count == kThreadsMaximum || silo.threads().size() == kThreadsPerSilo) return base::Error::ENOSPC;
  // SAFETY: boot runs with interrupts masked and holds no lock.
  const Unlocked unlocked = base::hold_nothing(base::TokenSource::interrupts_masked());
  const auto index = static_cast<std::uint32_t>(silo.threads().size());
  abi::MessagePage& page = *TRY(make_message_page(unlocked, silo.space, index));
  silo.set_core(description.core);
  const auto made = pool.create(unlocked, silo, core_of(description.core), description, index, page);
  if (!made.ok()) {
    discard_message_page(unlocked, silo.space, index, page);
    return made.error();
  }
  Thread* const thread = made.value();
  if (const BudgetDescription& budget = description.budget; budget.amount != 0) {
    const auto limit = limits.create(unlocked, ticks(budget.amount), ticks(budget.period), budget.overrun, *thread);
    if (!limit.ok()) {
      pool.give_back(*thread);
      discard_message_page(unlocked, silo.space, index, page);
      return limit.error();
    }
    thread->limit_to(*limit.value());
  }
  TRY(silo.add_thread(*thread));
  silo.note_urgency(thread->own_priority());
  threads.all[threads.count++] = thread;
  thread->core().admit(*thread);
  return thread;
}

std::span<Thread* const> all_threads() { return {threads.all, threads.count}; }

void forget_threads() { threads.count = 0; }

}  // namespace kernel
