// SPDX-License-Identifier: Apache-2.0
//
// Thread: what is scheduled. Owns its registers, its IPC half, its floating-point state, its state and its priority.
// Lives in a type-stable pool for as long as the system runs; a dead thread keeps its record.
//
// The bases come in this order on purpose: the context first, because SP_EL2 holds its address while the thread runs,
// and what IPC touches next to it. From a base to its Thread is a static_cast, so no link needs a pointer back.
//
// INVARIANT: Running: on its core. Ready: in a run queue of its core, or held by its payer. Otherwise in none.
// INVARIANT: blocked_on is Nothing unless Blocked. A deadline is queued only while Blocked, or Ending after that.
// INVARIANT: a dead thread waits for nothing, owes nothing, owns no registers and is in no queue but its silo's list.
// INVARIANT: effective priority and payer = those of the caller taken last and not yet answered, while there is one;
// else its own. But while a caller that waits in a queue lends it a context, they are that one's (kernel/loans.cpp).
// INVARIANT: call_depth >= that of each of its callers + 1; 0 without a caller.
#pragma once

#include <cstdint>
#include <span>

#include "ipc/party.hpp"
#include "kernel/base/fixed_name.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/relaxed.hpp"
#include "kernel/base/result.hpp"
#include "kernel/port/thread_context.h"
#include "kernel/run_queue.hpp"
#include "kernel/scheduling_context.hpp"
#include "kernel/silo_images.hpp"
#include "kernel/system.hpp"
#include "kernel/timer_queue.hpp"

namespace kernel {

class Core;
class Silo;
struct Capability;

enum class ThreadState : std::uint8_t {
  Ready,
  Running,
  Blocked,
  Ending,  ///< its silo has stopped: it never runs again, and what it waits for and owes is about to be ended
  Dead
};

/// Where the results of a blocked operation go when it completes.
enum class ResultsIn : std::uint8_t {
  Registers,
  MessagePage,  ///< the message into the first entry of the page; the registers say that it is one
  Place,        ///< they are where they belong already
  HasNotWaited  ///< of a thread that runs: it has not blocked since its core looked at it (watchdog.cpp)
};

/// Which kind of operation a blocked thread is in; what exactly it waits for is Party::waiting.
enum class BlockedOn : std::uint8_t {
  Nothing,
  Send,
  Receive,
  Call,
  Sleep,
  Wait,   ///< for an event: a notification, a semaphore, any of several things
  Kernel  ///< for work that the kernel does for it in steps: it has no deadline and is not cancelled
};

class Thread : public port::ThreadContext, public ipc::Party, public ReadyLink, public TimerLink, public HeldLink {
 public:
  /// `page` is the silo's message page number `index`.
  Thread(Silo& silo, Core& core, const ThreadDescription& description, std::uint32_t index, abi::MessagePage& page);
  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;

  static Thread& from(port::ThreadContext& context) { return static_cast<Thread&>(context); }
  static Thread& from(ipc::Party& party) { return static_cast<Thread&>(party); }
  static Thread& from(ReadyLink& link) { return static_cast<Thread&>(link); }
  static Thread& from(TimerLink& link) { return static_cast<Thread&>(link); }
  static Thread& from(HeldLink& link) { return static_cast<Thread&>(link); }

  port::ThreadContext& context() { return *this; }
  Silo& silo() const { return *silo_; }
  Core& core() const { return *core_; }
  std::string_view name() const { return name_.view(); }

  ThreadState state() const { return state_; }
  BlockedOn blocked_on() const { return blocked_on_; }
  /// The same for an observer, who may be on another core.
  ThreadState state_seen() const { return state_.load(); }
  BlockedOn blocked_on_seen() const { return blocked_on_.load(); }
  bool is_runnable() const { return state_ == ThreadState::Ready || state_ == ThreadState::Running; }

  base::Priority own_priority() const { return own_priority_; }
  base::Priority effective_priority() const { return effective_priority_; }
  /// Whose time it runs on.
  const SchedulingContext& payer() const { return *payer_; }
  const SchedulingContext& own_context() const { return own_context_; }
  /// How many calls in a line lead to it, at least.
  unsigned call_depth() const { return call_depth_; }
  /// At boot.
  void limit_to(Limit& limit) { own_context_.limit = &limit; }
  base::SiloAddress initial_stack_pointer() const { return initial_stack_pointer_; }
  abi::MessagePage& message_page() const { return *message_page_; }
  std::uint32_t index_in_silo() const { return index_in_silo_; }

  ImageThread beginning() const { return {entry_, initial_stack_pointer_, argument_}; }
  /// From its next beginning on.
  void begins_at(const ImageThread& beginning) {
    entry_ = beginning.entry;
    initial_stack_pointer_ = beginning.stack_pointer;
    argument_ = beginning.argument;
  }
  /// Dead: to Ready, as it was made, but for what is counted since boot. Its core queues it (Core::admit).
  void begin_again();

  // While it waits for a revoke (kernel/revoke.cpp).
  base::ListNode<Thread> revoking_node;
  Capability* revoking = nullptr;  ///< what the revoke proceeds from
  std::uint64_t revoked = 0;       ///< how many have ended

  /// The capability that a message to a port of another core moves: until the thread is woken it has no rights in the
  /// table, so nobody uses it meanwhile; then it ends there, or gets them back (transfer.cpp). 0: none.
  struct Moving {
    std::uint64_t handle = 0;
    std::uint64_t rights = 0;
  };
  Moving moving;

  bool uses_floating_point = false;                   ///< it has, at least once
  base::Relaxed<std::uint64_t> messages_sent_abroad;  ///< by calls that another core has done for it, which counts them

 private:
  // Transitions: scheduler.cpp alone makes them, so that state, queues and timers change together.
  friend class Core;

  /// Its registers, as it begins.
  void prepare();

  Silo* silo_;
  Core* core_;
  base::SiloAddress entry_;
  std::uint64_t argument_;
  abi::MessagePage* message_page_;
  std::uint32_t index_in_silo_;
  base::Relaxed<ThreadState> state_ = ThreadState::Ready;
  base::Relaxed<BlockedOn> blocked_on_ = BlockedOn::Nothing;
  ResultsIn results_in_ = ResultsIn::Registers;
  base::Priority own_priority_;
  base::Priority effective_priority_;
  base::SiloAddress initial_stack_pointer_;
  SchedulingContext own_context_;
  SchedulingContext* payer_ = &own_context_;
  Thread* lender_ = nullptr;    ///< whose context it runs on, though that one's call is queued still
  Thread* borrower_ = nullptr;  ///< the other side of it
  std::uint8_t call_depth_ = 0;
  base::Ticks turn_left_;  ///< of a turn that was cut short; 0: its next turn is a whole one
  base::FixedName name_;
};

/// Makes a thread of the silo, adds it to the silo's list, ready to run once start() is called. EINVAL: priority above
/// 63, a budget that is none, stack pointer not 16-byte aligned, an address beyond port::kSiloAddressLimit, a core that
/// does not run or is not that of the silo's first thread, a name that is empty or longer than abi::kNameLengthMaximum;
/// EEXIST: the silo has a thread of that name; ENOSPC: kThreadsMaximum, kThreadsPerSilo; ENOMEM.
base::Result<Thread*> create_thread(Silo& silo, const ThreadDescription& description);

/// Every thread that was made, in the order of creation, dead or alive.
std::span<Thread* const> all_threads();
/// Start of boot (system.cpp): there is no thread, and the core that will run them knows none.
void forget_threads();

}  // namespace kernel
