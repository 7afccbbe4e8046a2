// SPDX-License-Identifier: Apache-2.0
//
// Direct calls: what the fast path (hal/aarch64/fast_path.S) does past the rest of the kernel, and how the kernel
// catches up with it. The path is an abbreviation: it writes only what it must (ThreadContext: direct_caller,
// direct_token, call_handle, call_deadline, direct_depth, direct_calls; Object::direct_receiver), and leaves every
// other record of the threads as it was. A server that has answered has then left no trace but a count, because it
// waits as it did before. What has not been answered when the kernel is entered next is a chain of callers, from the
// thread that runs now to the one that the kernel had let run; catch_up() makes ordinary calls of them, before the
// kernel looks at anything else.
//
// The path takes a call if all of this holds; each condition is the same as a predicate of the C++ path:
//   the handle is one of the silo's, its generation is right, it carries PortCall    CapabilityTable::lookup
//   no flag but the one for eight words                                              Arguments::message, take_along
//   the timer fires no later than at the deadline                                    Wait::until, Core::block
//   not more than DIRECT_DEPTH_MAXIMUM such calls unanswered, one in the other       (bounds catch_up)
//   a receiver is offered at the port                                                may_be_called_directly
// and a reply if
//   a direct call is unanswered and the token is its token                           ipc::reply
//   no flag but the one for eight words                                              Arguments::message, take_along
//   the handle is the one by which the server waited for it                          CapabilityTable::lookup: nothing
//   can
//                                                              have ended it, the kernel was not entered in between
//   the deadline of the receive is forever                                           may_be_called_directly
// The threads of a silo whose calls must all be looked at (it has a rate limit) have a table for the fast path in which
// nothing is found.
//
// INVARIANT: direct_receiver is the context of a thread that is Blocked in a receive by registers, for ever, at a port
// of its core, whose next message has nothing to tell but itself, and that is first and last in its queue.
// INVARIANT: in the kernel no thread has a caller in the sense of ThreadContext::direct_caller.
#pragma once

#include "kernel/core.hpp"
#include "kernel/objects.hpp"

namespace kernel {

/// The predicate of the offer.
bool may_be_called_directly(const Thread& receiver, const PortObject& port, base::Ticks deadline);

/// `receiver` has just blocked in a receive at `port`: offers it to direct callers if that can be.
void offer_direct_calls(Thread& receiver, PortObject& port, base::Ticks deadline);

/// Sets which table the fast path looks the thread's handles up in.
void admit_direct_calls(Thread& thread);

/// Of the silo's threads, for SILO_STATUS; as if each call had been counted when it was made. With what other cores
/// have counted for them.
struct DirectCallCounts {
  std::uint64_t sent, received;
};
DirectCallCounts direct_call_counts(const Silo& silo);

}  // namespace kernel
