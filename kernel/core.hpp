// SPDX-License-Identifier: Apache-2.0
//
// Core: what one core runs, and the transitions of its threads. Owns its run queue, its timer queue, the comparator,
// the turn of the running thread, who owns the floating-point registers, and the work that stopped silos leave behind.
// Touched by its own core alone, with interrupts masked, so it has no lock. What other cores want of it they leave in
// its inbox (inbox.cpp), and signal it; it looks there in shared sections (shared_section.hpp), or beside others
// (quick_mail.cpp). They may start and stop its timers as well, in shared sections.
//
// Who runs next is said by handlers as a Decision and acted on in resume() and nowhere else.
//
// INVARIANT: running_ is Running, or null before start(), while idle or choosing, and once its watchdog has stopped it.
// Every Ready thread of the core is in ready_, in closed_ while the windows of its payer are closed, or held by its
// payer. INVARIANT: armed() is what the comparator is set to; forever means silent. INVARIANT: the owner of the
// floating-point registers is null or a live thread, and only it runs with the trap open.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>

#include "kernel/cores.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/direct_call.h"
#include "kernel/port/interrupts.hpp"
#include "kernel/run_queue.hpp"
#include "kernel/schedule.hpp"
#include "kernel/silo.hpp"
#include "kernel/thread.hpp"
#include "kernel/timer_queue.hpp"
#include "kernel/visits_aside.hpp"

namespace kernel {

struct InterruptObject;
struct TimerObject;
struct Watchdog;

/// What a kernel entry means for who runs next.
struct [[nodiscard]] Decision {
  enum class Kind : std::uint8_t {
    Stay,    ///< the running thread goes on, unless something more urgent is ready
    Yield,   ///< it is Running and goes behind the others of its priority
    Switch,  ///< it is Blocked; `to` takes its place and its turn, unless something more urgent is ready
    Leave,   ///< it is Blocked, Ending or Dead, or there is none
  };
  Kind kind = Kind::Stay;
  Thread* to = nullptr;

  static constexpr Decision stay() { return {}; }
  static constexpr Decision yield() { return {Kind::Yield, nullptr}; }
  static constexpr Decision leave() { return {Kind::Leave, nullptr}; }
  static constexpr Decision switch_to(Thread& thread) { return {Kind::Switch, &thread}; }
};

/// How long a thread runs while another one of its priority is ready.
inline constexpr std::uint64_t kTurnMicroseconds = 10'000;
/// Between two looks at a console that has no room.
inline constexpr std::uint64_t kConsoleDrainMicroseconds = 1'000;
/// Left-over work gets one step in this time even while more urgent threads want all of the core.
inline constexpr std::uint64_t kWorkStepMicroseconds = 100;
/// Between two turns of silos' timers, which expire kTimersPerTurn at most (core_timers.cpp).
inline constexpr std::uint64_t kTimerTurnMicroseconds = 50;
inline constexpr unsigned kTimersPerTurn = 8;

class Core {
 public:
  constexpr Core() = default;
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  base::CoreId id() const { return id_; }
  /// Whether this code runs on it.
  bool is_this_core() const;

  // Transitions of this core's threads (core.cpp).

  /// A new thread, Ready: queues it.
  void admit(Thread& thread);
  /// Running to Blocked. `deadline` forever: no timer. `results`: where finish_operation puts them.
  void block(Thread& thread, BlockedOn operation, base::Ticks deadline, ResultsIn results = ResultsIn::Registers);
  /// Its operation is complete (Party::completion): results to where block() said, counts, no timer any more. A Blocked
  /// thread stays out of every queue until settle or make_ready is called; one that is Ending is left alone.
  void finish_operation(Thread& thread);
  /// A blocked operation ends with this error (a sleep just ends): its thread becomes ready.
  void cancel_operation(Thread& thread, base::Error error);
  /// Blocked, operation finished: to the run queue, behind the others of its priority.
  void make_ready(Thread& thread);
  /// Everything that an IPC operation completed: finish_operation and make_ready for each.
  void wake(ipc::WakeList& wakes);
  /// A live thread will not run again: out of the run queue. What it waits for and owes is ended by end_thread.
  void suspend(Thread& thread);
  /// Any state to Dead: its operation is cancelled, callers it owes are woken with EPIPE (at most 16), its registers
  /// belong to nobody.
  void end_thread(Thread& thread);
  /// The newest owed reply of a thread has changed: sets its effective priority, and those of the servers that run for
  /// it in turn.
  void refresh_priority(Thread& thread);
  /// The kernel was entered from `now_running`, and whatever the fast path has done since it was left becomes ordinary
  /// (kernel/direct_call.hpp). At most DIRECT_DEPTH_MAXIMUM + 1 calls.
  void catch_up(Thread& now_running) {
    if (running_ != &now_running) catch_up_with(now_running);
  }
  /// `server` has just taken the call of `caller`: it runs at the caller's priority.
  void donate(Thread& caller, Thread& server);

  // Other cores (inbox.cpp). In a shared section.

  /// The thread's operation is complete: it will finish and become ready on this core.
  void post(Thread& thread);
  /// The running thread of another core has made a call that only this core can do: it waits (`operation`, until
  /// `deadline`), this core does the call on its behalf, and the results come to it as to any thread that is woken.
  /// `about` is what it waits for, in reports.
  Decision visit(Thread& thread, const ipc::Object& about, BlockedOn operation, base::Ticks deadline);
  /// A blocked thread, which waits for nothing, is to do its call here, or to do it anew. Beside others as well.
  void repeat(Thread& thread, const ipc::Object& about);
  /// Tracing has been turned on or off, perhaps by another core: the vectors of each core are its own.
  void follow_tracing();
  /// It looks at everything that other cores may have changed, in a shared section, as soon as it can.
  void signal();
  /// It does a call for a thread of another core, which turns out to wait for more than that.
  void visitor_blocks(Thread& thread, ResultsIn results) { thread.results_in_ = results; }

  // Whose time it is (core_budgets.cpp).

  /// Ticks that were spent on the context, up to now.
  base::Ticks time_of(const SchedulingContext& context) const;
  /// What is left of the thread's budget now; forever if it has none.
  base::Ticks budget_left(Thread& thread);

  /// A call to a port of these threads' silo has just been queued: one of them that is held goes on in its time.
  void lend_to(std::span<Thread* const> servers);

  // Windows (core_windows.cpp).

  /// At boot: as kernel::add_window.
  base::Result<void> add_window(std::uint32_t microseconds, std::uint8_t partition);
  /// At boot, when all is made: the schedule begins now.
  void begin_schedule();
  std::uint8_t open_partition() const { return open_; }

  // Quick calls (quick_calls.cpp): switches of threads for which resume() has no more to do than this.

  /// Whether the running thread can wake this one by wake_at_once().
  bool can_wake_at_once(const Thread& woken) const;
  /// Its results are in its registers. Returns who runs from now on: the more urgent one.
  Thread& wake_at_once(Thread& woken);
  /// Whether the running thread can block by block_at_once().
  bool can_block_at_once(base::Ticks deadline) const { return deadline.is_forever() && can_block_at_once(); }
  bool can_block_at_once() const {
    return !has_work_ && (!ready_.is_empty() || several_cores_run()) && !aside_.may_be_due(open_, base::Priority(0));
  }
  /// The running thread has begun to wait for ever. Returns who runs from now on; null: nobody, the core is to sleep.
  Thread* block_at_once(BlockedOn operation);

  // Mail and sleep beside others (quick_mail.cpp).

  /// The running thread was interrupted by a signal. If it is about mail that can be read beside others: who runs from
  /// now on. Null: there is something else, and the interrupt is kept.
  Thread* take_signal_at_once(const port::Interrupt& interrupt);
  /// As visit(), called on this core for one of its threads; it can block by block_at_once(). As that for who runs.
  Thread* visit_at_once(Thread& thread, const ipc::Object& about, BlockedOn operation, base::Ticks deadline);
  /// The port has ended: at most `limit` whose calls to it wait aside do them anew, and are told. True when none is
  /// left.
  bool send_visitors_on(const PortObject& port, unsigned limit);
  /// The thread that ran has blocked, and nobody else can run. In no section. Returns who runs next.
  port::ThreadContext* sleep(Unlocked held);

  // Timers of silos (core_timers.cpp).

  /// The timer is not running: it expires at `first`; forever is never.
  void start_timer(TimerObject& timer, base::Ticks first);
  /// No effect if it is not running.
  void stop_timer(TimerObject& timer);

  // Watchdogs of silos (watchdog.cpp).

  /// The silo runs from now on; no effect if it has none. Its first look passes.
  void start_watchdog(Silo& silo);
  /// No effect if it is not watched.
  void stop_watchdog(Silo& silo);

  // Interrupt lines of silos (interrupt_lines.cpp).

  /// The line has used up its limit: it is finished when `until` has come. It is not held back already.
  void hold_line(InterruptObject& line, base::Ticks until);
  /// No effect if it is not held back.
  void stop_holding(InterruptObject& line);
  /// The running thread was interrupted. A line that fires and wakes its driver, or nobody, in the commonest way: who
  /// runs from now on. Null: something else, which take_interrupts() meets first.
  Thread* take_line_at_once();

  // Work that is left over (silo_stop.cpp).

  /// The silo has stopped: suspends its threads and leaves the rest to work(). `urgency`: of whoever caused it.
  void begin_stop(Silo& silo, base::Priority urgency);
  /// There may be something for reap() to do.
  void note_work(base::Priority urgency);
  bool has_work() const { return has_work_; }
  /// It sleeps and has no mail. ORDERING: see falls_asleep().
  bool is_idle() const { return is_idle_.load(std::memory_order_seq_cst); }
  /// What is ending and has to end here (objects.cpp).
  base::IntrusiveList<ipc::Object, &ipc::Object::ending_node> endings;
  /// Whose revokes have come to capabilities that are to end here (revoke.cpp).
  base::IntrusiveList<Thread, &Thread::revoking_node> revokers;

  // Silos that come back (silo_restart.cpp).

  /// Who waits until the silo runs (Silo::starters) is told how that has gone.
  void answer_starters(Silo& silo, base::Result<void> outcome);
  /// The silo, which has stopped, comes back now.
  void bring_back(Silo& silo);
  /// The silo, which is this core's, wants a step at this time.
  void expect(Silo& silo, base::Ticks when);
  /// Its threads and its capabilities have come to their end.
  void end_of_stop(Silo& silo);

  /// Who waits for another image of the silo (SiloImages::replacers) does not get it.
  void answer_replacers(Silo& silo, base::Error why);

  // Floating point (floating_point.cpp).

  /// The registers become the thread's; their owner's values go into that thread.
  void claim_floating_point(Thread& thread);
  const port::ThreadContext* floating_point_owner() const { return words_.floating_point_owner; }

  // Scheduling (scheduler.cpp).

  /// The one place that acts on a decision: returns the context to resume, Running on this core. Idles here if nothing
  /// can run.
  port::ThreadContext* resume(Unlocked held, Decision decision);
  /// Takes every pending interrupt, at most kInterruptsPerEntry.
  void take_interrupts();
  /// Whether the running thread has had its turn and another one of its priority is ready.
  bool turn_is_over() const;
  /// Something was printed: the transmitter gets it now and by the timer.
  void note_console();

  Thread* running() const { return running_; }
  const RunQueue& ready() const { return ready_; }
  const TimerQueue& timers() const { return timers_; }
  base::Ticks armed() const { return base::Ticks(words_.armed); }
  port::CoreWords& words() { return words_; }
  std::uint64_t stray_interrupts() const { return stray_interrupts_; }

 private:
  static constexpr unsigned kInterruptsPerEntry = 16;
  static constexpr unsigned kExpiriesPerEntry = 16;
  /// Calls in a line are kCallDepthMaximum, and behind one that was direct as many again (may_be_called_directly).
  static constexpr unsigned kDonationDepth = 2 * abi::kCallDepthMaximum;

  // inbox.cpp
  bool has_mail() const { return !woken_.is_empty() || (!visitors_.is_empty() && hears_visitors_); }
  bool forget_mail(Thread& thread);
  void read_mail(Unlocked held);
  template <typename Inbox, typename Change>
  void change_inbox(const Inbox& inbox, Change change);
  // visits_aside.cpp
  /// A visitor, taken out of the inbox, is not to be served now, and waits aside from now on.
  bool puts_aside(Thread& visitor);
  void do_visits_aside(Unlocked held);
  void hear_visitors(bool whether);
  void be_quiet();
  void listen();
  // quick_mail.cpp
  bool read_mail_at_once();
  Thread* choose_at_once();
  bool falls_asleep();
  // core.cpp
  /// Where it is Ready: behind the others, or held. It is in no queue.
  void enqueue(Thread& thread);
  /// Out of wherever it is Ready.
  void take_out(Thread& thread);
  Thread* refresh_line(Thread& first);
  void run_on(Thread& thread, base::Priority priority, SchedulingContext& payer);
  // core_budgets.cpp
  /// From now on `payer` pays.
  void pay_by(SchedulingContext& payer) {
    if (payer_ != &payer) pay_from_now_by(payer);
  }
  void pay_from_now_by(SchedulingContext& payer);
  void limit_changes(SchedulingContext& before, base::Ticks now);
  bool has_budget(SchedulingContext& payer);
  void hold(Thread& thread);
  bool may_go_on(Thread& thread) { return thread.payer_->is_plain(open_) || may_go_on_after_all(thread); }
  bool may_go_on_after_all(Thread& thread);
  void stop_for_overrun(Limit& limit);
  void expire_refills(base::Ticks now);
  // loans.cpp
  bool borrow(Thread& thread);
  void end_loan(Thread& lender);
  // core_windows.cpp
  RunQueue& queue_of(const Thread& thread) {
    const std::uint8_t partition = thread.payer_->partition;
    return partition == open_ ? ready_ : closed_[partition];
  }
  void turn_window(base::Ticks now);
  // watchdog.cpp
  void set_appointment();
  void arm_for_sleep();
  void keep_appointments(base::Ticks now);
  void look_at(Watchdog& watchdog, base::Ticks now);
  bool is_first_to_blame(const Thread& thread, const Thread& culprit) const;
  void stop_hung(Thread& culprit);
  // direct_call.cpp
  void catch_up_with(Thread& now_running);
  void adopt_direct_call(Thread& caller, Thread& server);
  // scheduler.cpp
  Thread* release(Decision decision);
  void put_back(Thread& thread);
  Thread& take_front();
  Thread& choose(Unlocked held);
  void run(Thread& thread);
  void take_core(Thread& thread);
  void begin_turn_at_once(Thread& thread);  // quick_calls.cpp
  void begin_or_end_turn(Thread& thread);
  void begin_turn(Thread& thread);
  void expire_timers();
  void expire_deadlines(base::Ticks now);
  void expire_silo_timers(base::Ticks now);
  void release_lines(base::Ticks now);               // interrupt_lines.cpp
  bool take_line(const port::Interrupt& interrupt);  // interrupt_lines.cpp
  port::Interrupt take_next_interrupt();             // interrupt_lines.cpp
  base::Ticks next_timer_turn() const;
  static base::Ticks after_microseconds(std::uint64_t count);
  void serve_console();
  void tell_console_owner();  // console_calls.cpp
  void arm();
  void arm_at(base::Ticks next);
  void idle(Unlocked held);
  static bool nothing_can_run();
  // silo_stop.cpp
  void work(Unlocked held);
  bool work_step(Unlocked held);
  void end_next_thread(Unlocked held);
  bool explain_step();
  // silo_restart.cpp
  bool coming_is_due() const;
  base::Priority coming_urgency() const;
  /// It has been due for so long that it does not wait for all ends any more.
  bool coming_is_overdue() const;
  bool come_back_step(Unlocked held);
  bool step_of(Unlocked held, Silo& silo);
  bool load_step(Unlocked held, Silo& silo);
  void run_again(Silo& silo);
  void leave(Silo& silo);
  void obey(Silo& silo);
  // core_images.cpp
  void look_at_image(Silo& silo);
  void restart_with_image(Silo& silo);
  static void begin_moving(Silo& silo);

  friend void reset_cores(std::uint64_t);
  base::CoreId id_{0};  ///< its place among all (cores.cpp)
  Thread* running_ = nullptr;
  RunQueue ready_;
  base::Ticks turn_end_ = base::Ticks::forever();     ///< forever: nobody else wants the core
  base::Ticks appointment_ = base::Ticks::forever();  ///< the end of the window or the next look, what comes first
  port::CoreWords words_;
  bool stays_armed_ = false;  ///< rather too early an interrupt than a timer set anew for each call with a deadline
  base::Ticks console_time_ = base::Ticks::forever();  ///< when to drain next
  base::Ticks work_time_ = base::Ticks::forever();     ///< when left-over work gets a step in any case
  bool has_work_ = false;
  bool console_has_output_ = false;
  bool is_wanted_ = false;  ///< signal(), and it has not looked since; changed in shared sections
  /// It sleeps without mail, or would if somebody else did not hold the shared section.
  std::atomic<bool> is_idle_{false};
  bool follows_tracing_ = false;  ///< which vectors it uses
  base::Priority work_urgency_;
  std::uint64_t stray_interrupts_ = 0;
  /// Silos whose threads are being ended, in the order in which they stopped.
  base::IntrusiveList<Silo, &Silo::stopping_node> stopped_;
  std::uint32_t stop_thread_ = 0;  ///< of the first silo: which thread is next
  /// Those that come back, or have been ordered to stop, and when the next of them wants a step.
  base::IntrusiveList<Silo, &Silo::coming_node> coming_;
  base::Ticks coming_time_ = base::Ticks::forever();
  base::TicketLock inbox_lock_;  ///< of rank Inbox: beside others
  ipc::WakeList woken_;          ///< by other cores, at most all of its threads
  ipc::PartyQueue visitors_;
  bool hears_visitors_ = true;  ///< under the inbox's lock; otherwise they wait there until quiet_end_
  base::Ticks quiet_end_ = base::Ticks::forever();
  unsigned disturbed_ = 0;  ///< how many have come to less urgent silos since it began to listen
  VisitsAside aside_;
  TimerQueue timers_;                                              ///< deadlines of threads
  TimerQueue silo_timers_;                                         ///< timers of silos, those that run
  TimerQueue held_lines_;                                          ///< interrupt lines that have used up their limit
  port::Interrupt kept_interrupt_{port::InterruptKind::None, {}};  ///< acknowledged, and not yet dealt with
  SchedulingContext nobody_;                                       ///< pays while the core idles
  base::Relaxed<SchedulingContext*> payer_ = &nobody_;
  base::Ticks paid_up_to_;                           ///< what came after it is not charged yet
  base::Ticks budget_end_ = base::Ticks::forever();  ///< when the payer has used up its budget, if it goes on paying
  TimerQueue refills_;                               ///< Limits that hold threads
  std::uint8_t open_ = 0;                            ///< the partition whose silos run; it has the queue ready_
  Schedule schedule_;
  base::Ticks window_end_ = base::Ticks::forever();
  RunQueue closed_[abi::kIdlePartition + 1];  ///< of the others
  base::Ticks timer_turn_;                    ///< before this none of them expires
  TimerQueue watchdogs_;                      ///< when the next look at each silo is due; last, for it is seldom used
};

}  // namespace kernel
