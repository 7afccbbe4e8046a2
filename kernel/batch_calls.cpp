// SPDX-License-Identifier: Apache-2.0
//
// Batches: up to 16 messages in one crossing, in the thread's message page (message_page.hpp). A batch is the same
// operation again and again until one cannot be done at once: that is no error if it is not the first. Only the first
// may wait; the thread blocks in it like in a call without a batch, and is then told of one message (Core::block,
// ResultsIn::MessagePage). Each message is read from the page when its turn comes and not before.
#include <algorithm>

#include "kernel/blocking_call.hpp"
#include "kernel/link.hpp"
#include "kernel/message_page.hpp"
#include "kernel/objects.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/system_call.hpp"
#include "kernel/trace.hpp"
#include "kernel/transfer.hpp"

namespace kernel {

namespace {

/// What has become of the operations of a batch so far.
struct Progress {
  std::uint32_t done = 0;
  base::Result<void> stopped_by = {};  ///< why the next one was not done
  bool is_blocked = false;             ///< in the first one
};

/// Does up to `count` operations: one(index, blocking) gives the outcome of one, or why there was none.
template <typename One>
Progress repeat(const Call& call, std::uint32_t count, ipc::Blocking first, One one) {
  Progress progress;
  for (; progress.done < count; ++progress.done) {
    const auto outcome = one(progress.done, progress.done == 0 ? first : ipc::Blocking::DoNotBlock);
    if (!outcome.ok()) {
      progress.stopped_by = outcome.error();
      break;
    }
    progress.is_blocked = outcome.value() == ipc::Outcome::Blocked;
    if (progress.is_blocked) break;
    progress.stopped_by = call.thread.completion.status;
    if (!progress.stopped_by.ok()) break;
  }
  return progress;
}

base::Result<Decision> conclude_batch(const Call& call, const Progress& progress, BlockedOn operation, const Wait& wait,
                                      ipc::WakeList& wakes) {
  Core& core = call.core();
  if (trace_is_on()) {
    const ipc::Outcome outcome = progress.is_blocked ? ipc::Outcome::Blocked : ipc::Outcome::Completed;
    if (progress.is_blocked || progress.done != 0) trace_message(call.thread, operation, outcome, wakes.front());
  }
  core.wake(wakes);
  if (ipc::raising_is_pending()) core.note_work(call.thread.effective_priority());
  if (progress.is_blocked) {
    if (call.is_on_behalf) {
      core.visitor_blocks(call.thread, ResultsIn::MessagePage);
    } else {
      core.block(call.thread, operation, wait.deadline, ResultsIn::MessagePage);
    }
    return Decision::leave();
  }
  if (progress.done == 0) return wait.error_of(progress.stopped_by.error());
  if (operation == BlockedOn::Send) {
    call.count_sent(progress.done);
  } else {
    call.silo().messages_received += progress.done;
  }
  call.results().succeed(progress.done);
  return Decision::stay();
}

/// send(message, blocking, wakes) sends one.
template <typename Send>
base::Result<Decision> send_batch(const Call& call, const Wait& wait, Send send) {
  const std::uint32_t count = TRY(call.arguments().batch_count());
  ipc::WakeList wakes;
  const auto one = [&](std::uint32_t index, ipc::Blocking blocking) -> base::Result<ipc::Outcome> {
    const ipc::Message message = TRY(read_entry(call.thread.message_page(), index));
    TRY(admit_message(call, message));
    return send(message, blocking, wakes);
  };
  const Progress progress = repeat(call, count, wait.blocking, one);
  return conclude_batch(call, progress, BlockedOn::Send, wait, wakes);
}

/// receive(blocking, wakes) receives one.
template <typename Receive>
base::Result<Decision> receive_batch(const Call& call, std::uint32_t limit, base::Ticks deadline, Receive receive) {
  const std::uint32_t maximum = std::min(TRY(call.arguments().batch_count()), limit);
  const Wait wait = Wait::until(deadline);
  ipc::WakeList wakes;
  bool has_taken_a_call = false;
  const auto one = [&](std::uint32_t index, ipc::Blocking blocking) -> base::Result<ipc::Outcome> {
    const ipc::Outcome outcome = receive(blocking, wakes);
    const ipc::Completion& completion = call.thread.completion;
    if (outcome == ipc::Outcome::Completed && completion.status.ok()) {
      install_delivered(call.held, call.thread);
      write_entry(call.thread.message_page(), index, completion.delivery);
      has_taken_a_call = has_taken_a_call || completion.delivery.token != 0;
    }
    return outcome;
  };
  const Progress progress = repeat(call, maximum, wait.blocking, one);
  if (has_taken_a_call) call.core().refresh_priority(call.thread);  // it runs for the caller taken last
  return conclude_batch(call, progress, BlockedOn::Receive, wait, wakes);
}

}  // namespace

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_SEND_BATCH>(const Call& call) {
  const auto send = [&](const ipc::Message& message, ipc::Blocking blocking, ipc::WakeList& wakes) {
    const Capability& capability = *call.capability;
    return port_of(capability).send(call.held, call.thread, message, capability.badge, blocking, wakes);
  };
  return send_batch(call, Wait::until(deadline_of(call)), send);
}

template <>
base::Result<Decision> handle<abi::SystemCall::PORT_RECEIVE_BATCH>(const Call& call) {
  return receive_batch(call, abi::kBatchMaximum, call.arguments().deadline(),
                       [&](ipc::Blocking blocking, ipc::WakeList& wakes) {
                         return port_of(*call.capability).receive(call.held, call.thread, blocking, wakes, port::now());
                       });
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_SEND_BATCH>(const Call& call) {
  const auto send = [&](const ipc::Message& message, ipc::Blocking blocking, ipc::WakeList& wakes) {
    const Capability& capability = *call.capability;
    return channel_of(capability)
        .send(call.held, call.thread, capability.end, message, capability.badge, blocking, wakes);
  };
  return send_batch(call, Wait::until(deadline_of(call)), send);
}

template <>
base::Result<Decision> handle<abi::SystemCall::CHAN_RECV_BATCH>(const Call& call) {
  // What a receive takes from a channel that redelivers has been dealt with at the next: so it takes one.
  const std::uint32_t limit = channel_of(*call.capability).redelivers() ? 1 : abi::kBatchMaximum;
  return receive_batch(call, limit, deadline_of(call), [&](ipc::Blocking blocking, ipc::WakeList& wakes) {
    return channel_of(*call.capability).receive(call.held, call.thread, call.capability->end, blocking, wakes);
  });
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_SEND_BATCH>(const Call& call) {
  const auto send = [&](const ipc::Message& message, ipc::Blocking, ipc::WakeList& wakes) {
    return async_of(*call.capability).send(call.thread, message, call.capability->badge, wakes);
  };
  return send_batch(call, Wait::not_at_all(), send);
}

template <>
base::Result<Decision> handle<abi::SystemCall::ASYNC_RECEIVE_BATCH>(const Call& call) {
  return receive_batch(call, abi::kBatchMaximum, call.arguments().deadline(),
                       [&](ipc::Blocking blocking, ipc::WakeList&) {
                         return async_of(*call.capability).receive(call.thread, blocking);
                       });
}

template <>
base::Result<Decision> handle<abi::SystemCall::MESSAGE_PAGE>(const Call& call) {
  call.results().succeed(message_page_address(call.thread.index_in_silo()).value());
  return Decision::stay();
}

}  // namespace kernel
