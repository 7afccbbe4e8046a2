// SPDX-License-Identifier: Apache-2.0
//
// The random operations of a worker: on the others' ports, mail, bells and gates, on its lane and pipe, and on objects
// that it makes, lends, gives away, revokes and closes.
#include "worker.hpp"

#include "lending.hpp"

namespace soak {

namespace {

bool tries(Deadline deadline) { return deadline.ticks() == do_not_block.ticks(); }

void send_to_port(unsigned target, granary_handle handle, Random& random) {
  granary_message message{};
  std::uint64_t& sequence = worker.report->port_sent[target];
  fill(message, kSent, worker.id, target, sequence + 1);
  const Deadline deadline = random.deadline();
  const granary_status status = tries(deadline) && random.one_in(2)
                                    ? granary_port_try_send(handle, &message)
                                    : granary_port_send(handle, &message, deadline.ticks());
  if (done(kDoer, "send", status, late(deadline))) ++sequence;
}

enum class Target { Port, Lane, Mail };
void send_batch(Target kind, unsigned target, Random& random) {
  Report& report = *worker.report;
  std::uint64_t& sequence = kind == Target::Port   ? report.port_sent[target]
                            : kind == Target::Lane ? report.channel_sent
                                                   : report.async_sent[target];
  const std::uint64_t opcode = kind == Target::Port ? kSent : kind == Target::Lane ? kChannel : kAsync;
  const std::uint64_t wanted = 1 + random.below(abi::kBatchMaximum);
  const Deadline deadline = kind == Target::Mail ? do_not_block : random.deadline();
  for (std::uint64_t i = 0; i < wanted; ++i) fill(message_page()[i], opcode, worker.id, target, sequence + 1 + i);
  std::uint64_t count = 0;
  granary_status status = GRANARY_OK;
  switch (kind) {
    case Target::Port:
      status = granary_port_send_batch(worker.inbox[target].value(), wanted, deadline.ticks(), &count);
      break;
    case Target::Lane:
      status = granary_chan_send_batch(worker.lane_out.value(), wanted, deadline.ticks(), &count);
      break;
    case Target::Mail: status = granary_async_send_batch(worker.mail[target].value(), wanted, &count); break;
  }
  if (!done(kDoer, "send batch", status, late(deadline))) count = 0;
  require(count <= wanted, "batch: the count");
  sequence += count;
  if (count > 1) report.operations[kDoer] += count - 1;
  if (kind == Target::Mail && count < wanted) ++report.async_refused[target];
}

void call(unsigned target, Random& random) {
  Report& report = *worker.report;
  const std::uint64_t kind = random.one_in(4) ? kAccepting : kCalled;
  granary_message message{}, answer{};
  fill(message, kind, worker.id, target, ++report.calls_made[target]);
  if (kind == kAccepting) message.flags |= GRANARY_FLAG_ACCEPT;
  const Deadline deadline(std::chrono::microseconds(50 << random.below(13)));
  const granary_status status = granary_port_call(worker.inbox[target].value(), &message, deadline.ticks(), &answer);
  if (!done(kDoer, "call", status, GRANARY_ETIMEDOUT)) return;
  ++report.calls_answered[target];
  take_answer(answer, target, kind == kAccepting);
}

void send_to_lane(Random& random) {
  granary_message message{};
  std::uint64_t& sequence = worker.report->channel_sent;
  fill(message, kChannel, worker.id, worker.next(), sequence + 1);
  const Deadline deadline = random.deadline();
  const granary_status status = tries(deadline) && random.one_in(2)
                                    ? granary_chan_try_send(worker.lane_out.value(), &message)
                                    : granary_chan_send(worker.lane_out.value(), &message, deadline.ticks());
  if (done(kDoer, "channel send", status, late(deadline))) ++sequence;
}
void send_mail(unsigned target, granary_handle handle) {
  granary_message message{};
  std::uint64_t& sequence = worker.report->async_sent[target];
  fill(message, kAsync, worker.id, target, sequence + 1);
  if (done(kDoer, "async send", granary_async_send(handle, &message), GRANARY_EAGAIN)) {
    ++sequence;
  } else {
    ++worker.report->async_refused[target];
  }
}
void ring(unsigned target) {
  ++worker.board->signals[target][worker.id];
  done(kDoer, "signal", status_of(worker.bell[target].signal(std::uint64_t{1} << worker.id)));
}
void use_gate(unsigned target, Random& random) {
  const Semaphore gate = worker.gate[target];
  if (random.one_in(2)) {
    if (done(kDoer, "post", status_of(gate.post()))) ++worker.report->semaphore_posts[target];
    return;
  }
  const Deadline deadline = random.deadline();
  const Result<void> waited = tries(deadline) ? gate.try_wait() : gate.wait(deadline);
  if (done(kDoer, "semaphore wait", status_of(waited), late(deadline))) ++worker.report->semaphore_waits[target];
}

void send_to_pipe(Random& random) {
  static auto writer =
      StreamWriter<NotificationDoorbell>::open(worker.pipe_out, kStreamMessages, worker.writer_bell).value();
  const unsigned wanted = 1 + random.below(8);
  for (unsigned n = 0; n < wanted; ++n) {
    StreamMessage message;
    const std::uint64_t sequence = worker.report->stream_sent + 1;
    for (unsigned i = 0; i < message.words.size(); ++i)
      message.words[i] = mixed(kStream, worker.id, worker.next(), sequence, i);
    const Deadline deadline = random.deadline();
    if (!done(kDoer, "stream send", status_of(writer.send(message, deadline)), late(deadline))) return;
    worker.report->stream_sent = sequence;
  }
}

/// One more name for a port or mail: works like the first, and is gone after its close.
void use_duplicate(unsigned target, Random& random) {
  const bool is_port = random.one_in(2) && target != worker.id;
  const Handle original = is_port ? Handle(worker.inbox[target]) : Handle(worker.mail[target]);
  granary_handle handle = 0;
  const std::uint64_t rights = is_port ? GRANARY_RIGHT_PORT_SEND : GRANARY_RIGHT_ASYNC_SEND;
  if (!done(kDoer, "duplicate", granary_handle_duplicate(original.value(), rights, &handle))) return;
  is_port ? send_to_port(target, handle, random) : send_mail(target, handle);
  done(kDoer, "close a duplicate", granary_handle_close(handle));
  require(granary_handle_close(handle) == GRANARY_EBADF, "duplicate: closed, it is gone");
}

}  // namespace

void do_something(Random& random) {
  const unsigned target = random.below(kWorkers);
  const unsigned what = random.below(100);
  if (what < 14) return send_to_port(target, worker.inbox[target].value(), random);
  if (what < 20) return send_batch(Target::Port, target, random);
  if (what < 36) return call(target, random);
  if (what < 45) return send_to_lane(random);
  if (what < 50) return send_batch(Target::Lane, worker.next(), random);
  if (what < 60) return send_mail(target, worker.mail[target].value());
  if (what < 65) return send_batch(Target::Mail, target, random);
  if (what < 72) return ring(target);
  if (what < 80) return use_gate(target, random);
  if (what < 86) return send_to_pipe(random);
  if (what < 90) return use_duplicate(target, random);
  if (what < 91) return use_timer(random);
  if (what < 94) return lend(target, random);
  if (what < 97) return give(target, random);
  if (what < 99) return take_back(random);
  revoke_own(random);
}

void end_doing() { take_back_all(); }

void poke_own_threads() {
  static Random random(kSeed + 300 + worker.id);
  send_to_port(worker.id, worker.inbox[worker.id].value(), random);
  send_mail(worker.id, worker.mail[worker.id].value());
}

}  // namespace soak
