// SPDX-License-Identifier: Apache-2.0
//
// The end of a silo, and what else is left to do after a call has returned. A stop begins with one bounded step that
// keeps every thread of the silo (at most kThreadsPerSilo) from running again; from then on the silo is as good as
// gone. The rest happens in steps: one thread per step, whose callers are released, then its capabilities, by which
// ports and channels end and peers are told (kernel/objects.cpp).
//
// A step is worth a few hundred instructions. Between two of them interrupts are taken, and as soon as something more
// urgent than whoever caused the work is ready, it runs; then the work gets one step each kWorkStepMicroseconds, so
// that no peer waits for ever.
#include "kernel/silo_stop.hpp"

#include "ipc/watch.hpp"
#include "kernel/audit.hpp"
#include "kernel/console.hpp"
#include "kernel/explanation.hpp"
#include "kernel/manifest_capabilities.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/shared_section.hpp"
#include "kernel/silo.hpp"
#include "kernel/silo_restart.hpp"
#include "kernel/trace.hpp"

namespace kernel {

Decision exit_silo(Thread& thread, std::uint64_t status) {
  Silo& silo = thread.silo();
  if (silo.exit(status)) {
    audit_life(thread.core(), silo, abi::AuditLife::Exited, status);
    thread.core().begin_stop(silo, thread.effective_priority());
    if (silo.life.log.tells()) log("silo {} has ended with status {}", silo.name.view(), status);
  }
  return Decision::leave();
}

base::Result<Decision> kill_silo(Thread& thread, Silo& victim) {
  if (!victim.kill(thread.silo().id)) {
    TRY(keep_down(this_core(), victim));
    return Decision::stay();
  }
  audit_life(this_core(), victim, abi::AuditLife::Killed, thread.silo().id.value());
  this_core().begin_stop(victim, thread.effective_priority());
  if (victim.life.log.tells())
    log("silo {} was stopped by the operator {}", victim.name.view(), thread.silo().name.view());
  return &victim == &thread.silo() ? Decision::leave() : Decision::stay();
}

void Core::note_work(base::Priority urgency) {
  if (!has_work_ || urgency.is_more_urgent_than(work_urgency_)) work_urgency_ = urgency;
  has_work_ = true;
}

void Core::begin_stop(Silo& silo, base::Priority urgency) {
  if (trace_is_on()) trace_stop(silo);
  judge_end(*this, silo);
  for (Thread* const thread : silo.threads()) suspend(*thread);
  stop_watchdog(silo);
  stopped_.push_back(silo);
  ipc::WakeList wakes;
  silo.stopped.raise(wakes);
  wake(wakes);
  note_work(urgency);
  console_finish_silo(silo.name.view(), silo.console_line);
  console_owner_stopped(silo.id);
  note_console();
}

void Core::end_next_thread(Unlocked held) {
  Silo& silo = *stopped_.front();
  if (stop_thread_ < silo.threads().size()) {
    Thread& thread = *silo.threads()[stop_thread_++];
    if (thread.state() == ThreadState::Dead) return;
    end_thread(thread);
    static_cast<void>(silo.thread_ended());
    return;
  }
  if (!anchor_some(held, silo, silo.life.comes_back)) return;
  silo.manifest.rewind();
  give_up_capabilities(silo);
  stopped_.remove(silo);
  stop_thread_ = 0;
}

/// One step; true if there is more to do.
bool Core::work_step(Unlocked held) {
  if (!stopped_.is_empty()) {
    if (!explain_holdings(held, *stopped_.front())) end_next_thread(held);
    return true;
  }
  ipc::WakeList wakes;
  const bool is_done = reap(held, *this, wakes);
  wake(wakes);
  if (!is_done && !coming_is_overdue()) return true;
  if (come_back_step(held) || !is_done) return true;
  return explain_step();
}

/// The last thing that is left to do: only a silo that is to come back waits for it. True if there is more to do now.
bool Core::explain_step() {
  if (!explanation_is_pending(*this)) return false;
  const bool is_waited_for = explanation_is_waited_for(*this);
  const ExplanationStep step = explain_next(*this);
  if (step == ExplanationStep::NoRoom) {
    console_has_output_ = true;  // serve_console() comes back to it
    return false;
  }
  note_console();
  if (!is_waited_for) work_urgency_ = base::Priority(0);
  return true;  // also after the last one: somebody may have waited for it
}

void Core::work(Unlocked held) {
  while (has_work_) {
    if (ready_.has_more_urgent_than(work_urgency_)) {
      const base::Ticks now = port::now();
      if (work_time_.is_forever()) work_time_ = after_microseconds(kWorkStepMicroseconds);
      if (now < work_time_) return;
    }
    work_time_ = base::Ticks::forever();
    has_work_ = work_step(held);
    arm();  // a deadline that passes meanwhile must raise its interrupt
    {
      const SharedSection::Pause pause;  // for other cores
    }
    take_interrupts();
    if (has_mail()) read_mail(held);
    // Left by another core in the pause, which has signalled it; that interrupt has just been taken.
    if (!has_work_ && reap_pending(*this)) note_work(work_urgency_);
  }
}

}  // namespace kernel
