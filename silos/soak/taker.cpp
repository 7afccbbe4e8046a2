// SPDX-License-Identifier: Apache-2.0
//
// The taker of a worker: receives from its mail, its lane, its bell and its pipe, in every way there is, and knows for
// each message whose turn it is.
#include <algorithm>

#include "worker.hpp"

namespace soak {

namespace {

void take_mail(const auto& message, std::uint64_t badge) {
  const std::uint64_t sender = message.word[0];
  if (sender >= kWorkers) return fail("async", "a message from nobody");
  Report& report = *worker.report;
  require(badge == sender + 1, "async: the badge");
  require(is_whole(message, kAsync, sender, worker.id), "async: each word");
  require(message.word[1] == ++report.async_received[sender], "async: the order");
}
void take_from_lane(const auto& message, std::uint64_t badge) {
  require(badge == 1, "channel: the badge");
  require(is_whole(message, kChannel, worker.previous(), worker.id), "channel: each word");
  require(message.word[1] == ++worker.report->channel_received, "channel: the order");
}
void take_bits(std::uint64_t bits) {
  Report& report = *worker.report;
  require(bits != 0 && bits < 1u << kWorkers, "notification: bits that nobody sets");
  for (unsigned s = 0; s < kWorkers; ++s) {
    if ((bits >> s & 1) == 0) continue;
    ++report.bits_taken[s];
    report.signals_seen[s] = worker.board->signals[worker.id][s];
  }
}
void take_from_pipe(const StreamMessage& message) {
  const std::uint64_t sequence = ++worker.report->stream_received;
  for (unsigned i = 0; i < message.words.size(); ++i)
    if (message.words[i] != mixed(kStream, worker.previous(), worker.id, sequence, i))
      return fail("stream", "a wrong word");
}

bool receive_mail(Deadline deadline) {
  granary_delivery delivery;
  const granary_handle handle = worker.mail[worker.id].value();
  const granary_status status = deadline.ticks() == do_not_block.ticks()
                                    ? granary_async_try_receive(handle, &delivery)
                                    : granary_async_receive(handle, deadline.ticks(), &delivery);
  if (!done(kTaker, "async receive", status, late(deadline))) return false;
  take_mail(delivery.message, delivery.badge);
  return true;
}
bool receive_from_lane(Deadline deadline) {
  granary_delivery delivery;
  const granary_status status = deadline.ticks() == do_not_block.ticks()
                                    ? granary_chan_try_recv(worker.lane_in.value(), &delivery)
                                    : granary_chan_recv(worker.lane_in.value(), deadline.ticks(), &delivery);
  if (!done(kTaker, "channel receive", status, late(deadline))) return false;
  take_from_lane(delivery.message, delivery.badge);
  return true;
}
bool receive_batch(bool from_lane, std::uint64_t maximum, Deadline deadline) {
  std::uint64_t count = 0;
  const granary_status status =
      from_lane ? granary_chan_recv_batch(worker.lane_in.value(), maximum, deadline.ticks(), &count)
                : granary_async_receive_batch(worker.mail[worker.id].value(), maximum, deadline.ticks(), &count);
  if (!done(kTaker, "receive batch", status, late(deadline))) return false;
  require(count >= 1 && count <= maximum, "batch: the count");
  worker.report->operations[kTaker] += count - 1;
  const granary_message_entry* const page = message_page();
  for (std::uint64_t i = 0; i < count; ++i)
    from_lane ? take_from_lane(page[i], page[i].badge) : take_mail(page[i], page[i].badge);
  return true;
}
bool wait_for_bits(std::uint64_t mask, Deadline deadline) {
  const Result<std::uint64_t> taken = worker.bell[worker.id].wait(mask, deadline);
  if (!done(kTaker, "notification wait", status_of(taken), late(deadline))) return false;
  require((*taken & ~mask) == 0, "notification: bits outside the mask");
  take_bits(*taken);
  return true;
}
bool read_pipe(unsigned most, Deadline deadline) {
  StreamMessage messages[8];
  const Result<std::size_t> count = worker.reader.receive(std::span(messages).first(most), deadline);
  if (!done(kTaker, "stream receive", status_of(count), late(deadline))) return false;
  worker.report->operations[kTaker] += *count - 1;
  for (std::size_t i = 0; i < *count; ++i) take_from_pipe(messages[i]);
  return true;
}

/// What WAIT_ANY says is ready is ready: nobody but this thread takes from it.
void wait_for_any(Random& random) {
  WaitSet set;
  const unsigned mail = set.add(worker.mail[worker.id]).value();
  const unsigned lane = set.add(worker.lane_in).value();
  const unsigned bell = set.add(worker.bell[worker.id]).value();
  const Deadline deadline = random.deadline();
  const Result<Ready> ready = set.wait(deadline);
  if (!done(kTaker, "wait for any", status_of(ready), late(deadline))) return;
  require(ready->places() != 0, "wait for any: something is ready");
  if ((*ready)[mail]) require(receive_mail(do_not_block), "wait for any: mail");
  if ((*ready)[lane]) require(receive_from_lane(do_not_block), "wait for any: lane");
  if ((*ready)[bell]) require(wait_for_bits(Notification::kAllBits, do_not_block), "wait for any: bell");
}

/// The hub is signalled whenever mail or the lane becomes readable.
void wait_at_hub(Notification hub, Random& random) {
  const Deadline deadline = random.deadline();
  const Result<std::uint64_t> bits = hub.wait(3, deadline);
  if (!done(kTaker, "hub wait", status_of(bits), late(deadline))) return;
  if ((*bits & 1) != 0)
    while (receive_mail(do_not_block)) {
    }
  if ((*bits & 2) != 0)
    while (receive_from_lane(do_not_block)) {
    }
}

void take_something(Notification hub, Random& random) {
  const unsigned batch = 1 + random.below(abi::kBatchMaximum);
  switch (random.below(10)) {
    case 0: receive_mail(random.one_in(4) ? forever : random.deadline()); break;  // as in server.cpp
    case 1: receive_from_lane(random.deadline()); break;
    case 2: receive_batch(true, batch, random.deadline()); break;
    case 3: receive_batch(false, batch, random.deadline()); break;
    case 4: wait_for_bits(Notification::kAllBits, random.deadline()); break;
    case 5: wait_for_bits(1 + random.below(255), random.deadline()); break;
    case 6:
    case 7: read_pipe(1 + random.below(8), random.deadline()); break;
    case 8: wait_for_any(random); break;
    case 9: wait_at_hub(hub, random); break;
  }
}

}  // namespace

void drain_all() {
  Report& report = *worker.report;
  granary_delivery delivery;
  while (granary_port_try_receive(worker.inbox[worker.id].value(), &delivery) == GRANARY_OK) {
    serve(delivery.message, delivery.badge, delivery.reply_token);
    ++report.port_drained;
  }
  while (receive_mail(do_not_block)) ++report.async_drained;
  while (receive_from_lane(do_not_block)) ++report.channel_drained;
  while (read_pipe(1, do_not_block)) ++report.stream_drained;
  while (worker.gate[worker.id].try_wait()) ++report.semaphore_drained;
  wait_for_bits(Notification::kAllBits, do_not_block);
}

}  // namespace soak

extern "C" void taker_main(std::uint64_t) {
  using namespace soak;
  while (!worker.is_ready) sleep_for(1ms);
  Random random(kSeed + 200 + worker.id);
  const Notification hub = Notification::create().value();
  hub.bind(worker.mail[worker.id], 1).value();
  hub.bind(worker.lane_in, 2).value();
  while (!worker.is_stopping) take_something(hub, random);
  hub.unbind(worker.lane_in).value();
  hub.close().value();  // takes the other binding with it
  ++worker.stopped;
}
