// SPDX-License-Identifier: Apache-2.0
//
// The server of a worker: receives from its port in every way there is, answers calls at once, later and out of order,
// and uses what capabilities messages bring.
#include <utility>

#include "worker.hpp"

namespace soak {

namespace {

/// Calls that are not answered yet. Fewer than a thread may owe, so that receiving never gives EBUSY.
struct Owed {
  std::uint64_t token, caller, sequence;
  bool accepts;
};
constexpr unsigned kOwedMaximum = 12;
Owed owed[kOwedMaximum];
unsigned owed_count = 0;

/// Gifts that are still held: each may be revoked at any moment.
constexpr unsigned kGiftMaximum = 6;
Semaphore gifts[kGiftMaximum];

Random dice(1);

granary_message answer_to(const Owed& call, bool may_bring) {
  granary_message answer{};
  fill(answer, kAnswer, worker.id, call.caller, call.sequence);
  answer.flags = GRANARY_FLAG_EIGHT_WORDS;
  if (may_bring && call.accepts && dice.one_in(2)) {
    answer.flags |= GRANARY_FLAG_TRANSFER;
    answer.word[6] = GRANARY_RIGHT_SEMAPHORE_POST;
    answer.word[7] = worker.gate[worker.id].value();
  }
  return answer;
}
void note_reply(granary_status status) {
  if (done(kServer, "reply", status, GRANARY_EPIPE)) {
    ++worker.report->replies_given;
  } else {
    ++worker.report->replies_lost;
  }
}
/// Any of them: the order is the server's own.
Owed take_any() {
  const unsigned place = dice.below(owed_count);
  const Owed call = owed[place];
  owed[place] = owed[--owed_count];
  return call;
}
void answer_any() {
  if (owed_count == 0) return;
  const Owed call = take_any();
  granary_message answer = answer_to(call, true);
  granary_status status = granary_port_reply(&answer, call.token);
  if (status == GRANARY_EDQUOT && (answer.flags & GRANARY_FLAG_TRANSFER) != 0) {
    // Too many are on their way; the token is not spent.
    answer = answer_to(call, false);
    status = granary_port_reply(&answer, call.token);
  }
  note_reply(status);
  if (status == GRANARY_OK && (answer.flags & GRANARY_FLAG_TRANSFER) != 0) ++worker.report->capabilities_returned;
}

void use_gift(Semaphore gift) {
  // Revoked, it is not there any more.
  if (done(kServer, "post to a gift", status_of(gift.post()), GRANARY_EBADF)) ++worker.report->gift_posts;
}
void close_gift(Semaphore& gift) {
  if (!gift) return;
  done(kServer, "close a gift", status_of(gift.Handle::close()), GRANARY_EBADF);
  gift = Semaphore();
}
void take_gift(granary_handle handle) {
  Semaphore& place = gifts[dice.below(kGiftMaximum)];
  close_gift(place);
  place = Semaphore(handle);
  use_gift(place);
}
/// The only capability to an AsyncChan, with one message in it.
void take_moved(granary_handle handle, std::uint64_t sender, std::uint64_t sequence) {
  const AsyncChannel channel(handle);
  granary_delivery delivery{};
  if (done(kServer, "receive what was moved", granary_async_try_receive(handle, &delivery))) {
    require(is_whole(delivery.message, kAsync, sender, sender) && sequence != 0, "moved: each word");
    ++worker.report->moved_taken;
  }
  done(kServer, "close what was moved", status_of(channel.close()));
}

/// Uses what was lent once; the caller looks afterwards. It may have given up by now: EPIPE.
void use_loan(granary_handle handle, std::uint64_t caller, std::uint64_t sequence) {
  granary_message message{};
  fill(message, kAsync, worker.id, caller, sequence);
  const Result<HandleInfo> info = Handle(handle).info();
  if (!info) return fail("loan", "it is not there");
  switch (info->type) {
    case abi::ObjectType::Semaphore: done(kServer, "loan: post", status_of(Semaphore(handle).post())); break;
    case abi::ObjectType::Notification:
      done(kServer, "loan: signal", status_of(Notification(handle).signal(std::uint64_t{1} << sequence % 64)));
      break;
    case abi::ObjectType::Port:
      done(kServer, "loan: send", granary_port_try_send(handle, &message), GRANARY_EPIPE);
      break;
    case abi::ObjectType::AsyncChannel:
      done(kServer, "loan: send async", granary_async_send(handle, &message), GRANARY_EPIPE);
      break;
    case abi::ObjectType::Timer:
      done(kServer, "loan: set", status_of(Timer(handle).set(Deadline(50us))), GRANARY_EPIPE);
      break;
    case abi::ObjectType::Region: {
      const Region region(handle);
      const auto bytes = region.map(read_write);
      if (!done(kServer, "loan: map", status_of(bytes))) break;
      auto* const words = reinterpret_cast<std::uint64_t*>(bytes->data());
      for (unsigned i = 0; i < 16; ++i) words[i * 64] = mixed(kLoan, worker.id, caller, sequence, i);
      if (dice.one_in(2)) done(kServer, "loan: unmap", status_of(region.unmap(*bytes)));
      break;
    }
    case abi::ObjectType::None:
    case abi::ObjectType::Channel:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace:
    case abi::ObjectType::Interrupt: fail("loan", "of another type");
  }
}

}  // namespace

void serve(const granary_message& message, std::uint64_t badge, std::uint64_t token) {
  Report& report = *worker.report;
  const std::uint64_t kind = message.opcode, sender = message.word[0], sequence = message.word[1];
  if (sender >= kWorkers) return fail("port", "a message from nobody");
  require(badge == sender + 1, "port: the badge");
  require(is_whole(message, kind, sender, worker.id), "port: each word");
  const bool is_call = kind == kCalled || kind == kAccepting || kind == kLoan;
  require((token != 0) == is_call, "port: a token for a call and for nothing else");
  const granary_handle handle = brought(message);
  if (!is_call) {
    require(sequence == ++report.port_received[sender], "port: the order");
    if (handle != 0 && kind == kGift) take_gift(handle);
    if (handle != 0 && kind == kMovedGift) take_moved(handle, sender, sequence);
    return;
  }
  // Calls that ended in the queue are missing.
  require(sequence > worker.last_call[sender], "port: the order of calls");
  worker.last_call[sender] = sequence;
  ++report.calls_received[sender];
  if (kind == kLoan) {
    require(handle != 0, "loan: a capability comes with it");
    use_loan(handle, sender, sequence);
    done(kServer, "close a loan", status_of(Handle(handle).close()));
  }
  owed[owed_count++] = {token, sender, sequence, kind == kAccepting};
  while (owed_count > kOwedMaximum - 1 || (owed_count != 0 && dice.one_in(2))) answer_any();
}

void end_serving() {
  for (Semaphore& gift : gifts) close_gift(gift);
}

namespace {

/// Only the message that a reply_and_receive receives tells that its reply was lost.
void require_no_news(std::uint64_t flags) {
  require((flags & GRANARY_FLAG_REPLY_LOST) == 0, "receive: no reply that could be lost");
}

void serve_something() {
  const Port port = worker.inbox[worker.id];
  granary_delivery delivery;
  // Without an end now and then: a wake that is lost must not be healed by the deadline.
  const Deadline deadline = owed_count == 0 && dice.one_in(8) ? forever : dice.deadline();
  const bool tries = deadline.ticks() == do_not_block.ticks();
  switch (dice.below(4)) {
    case 0: {
      const std::uint64_t maximum = 1 + dice.below(abi::kOwedRepliesMaximum - owed_count);
      std::uint64_t count = 0;
      const granary_status status = granary_port_receive_batch(port.value(), maximum, deadline.ticks(), &count);
      if (!done(kServer, "receive batch", status, late(deadline))) break;
      worker.report->operations[kServer] += count - 1;
      granary_message_entry page[abi::kBatchMaximum];
      for (std::uint64_t i = 0; i < count; ++i) page[i] = message_page()[i];
      for (std::uint64_t i = 0; i < count; ++i) {
        require_no_news(page[i].flags);
        serve(to_message(page[i]), page[i].badge, page[i].reply_token);
      }
      return;
    }
    case 1: {
      if (owed_count == 0) break;
      const Owed call = take_any();
      const granary_message answer = answer_to(call, false);
      const granary_status status =
          granary_port_reply_and_receive(port.value(), &answer, call.token, deadline.ticks(), &delivery);
      const bool received = done(kServer, "reply and receive", status, late(deadline));
      // Without a message nothing says whether the caller was still there; the kernel knows.
      ++worker.report->operations[kServer];
      if (!received) {
        ++worker.report->replies_unknown;
        break;
      }
      const bool was_lost = (delivery.message.flags & GRANARY_FLAG_REPLY_LOST) != 0;
      ++(was_lost ? worker.report->replies_lost : worker.report->replies_given);
      serve(delivery.message, delivery.badge, delivery.reply_token);
      return;
    }
    default: {
      const granary_status status = tries ? granary_port_try_receive(port.value(), &delivery)
                                          : granary_port_receive(port.value(), deadline.ticks(), &delivery);
      if (!done(kServer, "receive", status, late(deadline))) break;
      require_no_news(delivery.message.flags);
      serve(delivery.message, delivery.badge, delivery.reply_token);
      return;
    }
  }
  // Nothing has come: time for who waits for an answer, and for what is held.
  answer_any();
  Semaphore& gift = gifts[dice.below(kGiftMaximum)];
  if (gift) use_gift(gift);
}

}  // namespace
}  // namespace soak

extern "C" void server_main(std::uint64_t) {
  using namespace soak;
  while (!worker.is_ready) sleep_for(1ms);
  dice = Random(kSeed + 100 + worker.id);
  while (!worker.is_stopping) serve_something();
  while (owed_count != 0) answer_any();
  ++worker.stopped;
}
