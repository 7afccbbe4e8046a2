// SPDX-License-Identifier: Apache-2.0
//
// Loans: when the caller's budget is used up while a server serves it, the server is in the way of who waits behind
// that caller. So it runs on the context of the most urgent of those until its own caller's comes back, at that one's
// priority. It is asked for when the budget ends, and when somebody comes to wait. The lender's call is queued, so
// nobody else runs on that context; the loan ends as soon as it is not queued any more, however that comes about
// (Core::finish_operation, refresh_priority, suspend).
//
// INVARIANT: lender_ and borrower_ of two threads point to each other, or are null. The lender waits in a port's queue.
#include "ipc/port.hpp"
#include "kernel/core.hpp"

namespace kernel {

namespace {

/// So many of the callers that wait longest are looked at.
constexpr unsigned kLendersLookedAt = 32;

/// Where the call came in that the thread runs for; null if the port is gone.
ipc::Port* port_of_newest_call(Thread& thread) {
  const ipc::OwedReplies::Record* newest = nullptr;
  for (const ipc::OwedReplies::Record& record : thread.owed) {
    if (record.caller != nullptr && (newest == nullptr || record.token > newest->token)) newest = &record;
  }
  return newest == nullptr ? nullptr : newest->port;
}

}  // namespace

/// Whether somebody lends the thread a context.
bool Core::borrow(Thread& thread) {
  ipc::Port* const port = port_of_newest_call(thread);
  if (port == nullptr) return false;
  Thread* best = nullptr;
  port->visit_queued_callers(kLendersLookedAt, [&](ipc::Party& party) {
    Thread& caller = Thread::from(party);
    if (best != nullptr && !caller.effective_priority_.is_more_urgent_than(best->effective_priority_)) return;
    if (caller.core_ != this || caller.state_ != ThreadState::Blocked || caller.borrower_ != nullptr) return;
    SchedulingContext& context = *caller.payer_;
    if (context.partition != open_ || (context.limit != nullptr && !has_budget(context))) return;
    best = &caller;
  });
  if (best == nullptr) return false;
  run_on(thread, best->effective_priority_, *best->payer_);
  thread.lender_ = best;
  best->borrower_ = &thread;
  return true;
}

void Core::lend_to(std::span<Thread* const> servers) {
  for (Thread* const server : servers) {
    if (server->held_node.is_linked() && server->payer_ != &server->own_context_ && borrow(*server)) return;
  }
}

void Core::end_loan(Thread& lender) {
  Thread& borrower = *lender.borrower_;
  borrower.lender_ = nullptr;
  lender.borrower_ = nullptr;
  refresh_priority(borrower);
}

}  // namespace kernel
