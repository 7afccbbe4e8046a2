// SPDX-License-Identifier: Apache-2.0
//
// What cores want of each other. Each thread is in at most one inbox, and in one place of it, so that an inbox can not
// overflow and needs no memory of its own. Everything here runs in shared sections (shared_section.hpp), but for what
// leaves something in an inbox, which happens beside others as well; the inbox's lock is for that.
//
// A visit is a call that can be done on one core only, because it looks into what belongs to that core alone: the
// receivers of a port, the table of another silo. The caller blocks, its thread is put into the inbox of that core, and
// that core does the call from the caller's registers as if it had been made there: the handle is looked up anew, all
// is checked anew, so whatever happens in between is seen. Only what belongs to the caller's own core stays to be done
// there: results of a message and its count when the thread is woken. A call lends its priority to nobody over there.
#include "kernel/core.hpp"
#include "kernel/inbox_hold.hpp"
#include "kernel/message_registers.hpp"
#include "kernel/port/interrupts.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

/// For more, the core signals itself and comes again, so that it takes its interrupts in between.
constexpr unsigned kWokenAtOnce = 16;
constexpr unsigned kVisitorsAtOnce = 4;

}  // namespace

void Core::signal() {
  if (is_this_core()) return;  // it looks before it leaves the kernel
  is_wanted_ = true;
  port::signal_core(id());
}

/// Others may be at it, beside this core; whoever takes somebody out for another reason than to read it is alone, in a
/// shared section. The core is signalled when the first comes in, and sleeps no more: it has mail. One that listens to
/// no visitors does not sleep, and will look by itself.
template <typename Inbox, typename Change>
void Core::change_inbox(const Inbox& inbox, Change change) {
  bool is_news;
  {
    const InboxHold hold(inbox_lock_);
    is_news = inbox.is_empty() && (hears_visitors_ || static_cast<const void*>(&inbox) != &visitors_);
    change();
    // ORDERING: a hint for who asks whether all sleep (falls_asleep); the inbox itself is looked at under its lock.
    is_idle_.store(false, std::memory_order_relaxed);
  }
  if (is_news && !is_this_core()) port::signal_core(id());
}

void Core::post(Thread& thread) {
  promise_delivered(thread);
  change_inbox(woken_, [&] { woken_.push_back(thread); });
}

Decision Core::visit(Thread& thread, const ipc::Object& about, BlockedOn operation, base::Ticks deadline) {
  thread.core().block(thread, operation, deadline);
  repeat(thread, about);
  return Decision::leave();
}

void Core::repeat(Thread& thread, const ipc::Object& about) {
  change_inbox(visitors_, [&] { static_cast<void>(ipc::wait_in(thread, visitors_, about)); });
}

bool Core::forget_mail(Thread& thread) {
  if (!thread.wake_node.is_linked_in(&woken_)) return false;
  woken_.remove(thread);
  return true;
}

void Core::follow_tracing() {
  if (follows_tracing_ == trace_is_on()) return;
  follows_tracing_ = trace_is_on();
  port::use_traced_entries(follows_tracing_);
}

void Core::read_mail(Unlocked held) {
  for (unsigned count = 0; count < kWokenAtOnce && !woken_.is_empty(); ++count) {
    Thread& thread = Thread::from(*woken_.pop_front());
    finish_operation(thread);
    make_ready(thread);
  }
  for (unsigned count = 0; count < kVisitorsAtOnce && !visitors_.is_empty() && hears_visitors_; ++count) {
    Thread& visitor = Thread::from(*visitors_.pop_front());
    ipc::stop_waiting(visitor);
    if (!puts_aside(visitor)) do_system_call_of(held, visitor);
  }
  if (has_mail()) port::signal_core(id());
}

}  // namespace kernel
