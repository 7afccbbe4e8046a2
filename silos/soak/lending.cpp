// SPDX-License-Identifier: Apache-2.0
//
// Objects that a worker makes: timers, what it lends for one call, gives away and revokes. Each is closed again; the
// quotas are looked at in the end.
#include "lending.hpp"

namespace soak {

namespace {

/// Semaphores that others may post to: one for each gift that is out.
constexpr unsigned kGiftsOut = 2;
Semaphore gifts[kGiftsOut];

void close(Handle handle, const char* what) { done(kDoer, what, status_of(handle.close())); }

/// A server whose caller has given up may still have what was lent, so the quota can be used up for a moment.
template <typename T>
bool is_made(const Result<T>& result) {
  return done(kDoer, "make an object", status_of(result), GRANARY_EDQUOT);
}

/// Sends a call with the capability; true if it was answered.
bool call_with(unsigned target, Handle handle, std::uint64_t rights, Random& random) {
  Report& report = *worker.report;
  granary_message message{}, answer{};
  fill(message, kLoan, worker.id, target, report.calls_made[target] + 1);
  message.flags |= GRANARY_FLAG_TRANSFER;
  message.word[6] = rights;
  message.word[7] = handle.value();
  const Deadline deadline =
      random.one_in(4) ? Deadline(std::chrono::microseconds(100 << random.below(8))) : Deadline(2s);
  const granary_status status = granary_port_call(worker.inbox[target].value(), &message, deadline.ticks(), &answer);
  ++report.loans;
  const bool answered = done(kDoer, "call with a loan", status, GRANARY_ETIMEDOUT, GRANARY_EDQUOT);
  if (status != GRANARY_EDQUOT) ++report.calls_made[target];
  if (!answered) return false;
  ++report.calls_answered[target];
  ++report.loans_used;
  take_answer(answer, target, false);
  return true;
}
std::uint64_t last_call(unsigned target) { return worker.report->calls_made[target]; }

void lend_semaphore(unsigned target, Random& random) {
  const Result<Semaphore> made = Semaphore::create(0);
  if (!is_made(made)) return;
  const Semaphore semaphore = *made;
  if (call_with(target, semaphore, GRANARY_RIGHT_SEMAPHORE_POST, random))
    done(kDoer, "loan: the post is there", status_of(semaphore.try_wait()));
  close(semaphore, "close a lent semaphore");
}
void lend_notification(unsigned target, Random& random) {
  const Result<Notification> made = Notification::create();
  if (!is_made(made)) return;
  const Notification notification = *made;
  if (call_with(target, notification, GRANARY_RIGHT_NOTIFICATION_SIGNAL, random)) {
    const Result<std::uint64_t> bits = notification.try_wait();
    if (done(kDoer, "loan: the bit is there", status_of(bits)))
      require(*bits == std::uint64_t{1} << last_call(target) % 64, "loan: which bit");
  }
  close(notification, "close a lent notification");
}
void lend_port(unsigned target, Random& random) {
  const Result<Port> made = Port::create();
  if (!is_made(made)) return;
  const Port port = *made;
  if (call_with(target, port, GRANARY_RIGHT_PORT_SEND, random)) {
    granary_delivery delivery{};
    if (done(kDoer, "loan: the message is there", granary_port_try_receive(port.value(), &delivery)))
      require(is_whole(delivery.message, kAsync, target, worker.id), "loan: each word");
  }
  close(port, "close a lent port");
}
void lend_mail(unsigned target, Random& random) {
  const Result<AsyncChannel> made = AsyncChannel::create(1 + random.below(16));
  if (!is_made(made)) return;
  const AsyncChannel channel = *made;
  if (call_with(target, channel, GRANARY_RIGHT_ASYNC_SEND, random)) {
    granary_delivery delivery{};
    if (done(kDoer, "loan: the async message is there", granary_async_try_receive(channel.value(), &delivery)))
      require(is_whole(delivery.message, kAsync, target, worker.id), "loan: each word of async");
  }
  close(channel, "close a lent AsyncChan");
}
void lend_timer(unsigned target, Random& random) {
  const Result<Notification> made = Notification::create();
  if (!is_made(made)) return;
  const Notification notification = *made;
  const Result<Timer> made_timer = Timer::create(notification, 1);
  if (!is_made(made_timer)) return close(notification, "close a notification without a timer");
  const Timer timer = *made_timer;
  if (call_with(target, timer, GRANARY_RIGHT_TIMER_SET, random))
    done(kDoer, "loan: the timer expires", status_of(notification.wait(1, Deadline(10s))));
  close(timer, "close a lent timer");
  close(notification, "close the notification of a lent timer");
}
void lend_region(unsigned target, Random& random) {
  const Result<Region> made = Region::create(2);
  if (!is_made(made)) return;
  const auto bytes = made->map(read_write);
  if (done(kDoer, "map", status_of(bytes))) {
    const auto* const words = reinterpret_cast<const std::uint64_t*>(bytes->data());
    bool is_zero = true;
    for (unsigned i = 0; i < 1024; i += 8) is_zero = is_zero && words[i] == 0;
    require(is_zero, "region: it is zero when it is made");
    if (call_with(target, *made, GRANARY_RIGHT_REGION_READ | GRANARY_RIGHT_REGION_WRITE, random)) {
      bool is_right = true;
      for (unsigned i = 0; i < 16; ++i)
        is_right = is_right && words[i * 64] == mixed(kLoan, target, worker.id, last_call(target), i);
      require(is_right, "region: what the other silo wrote");
    }
    if (random.one_in(2)) done(kDoer, "unmap", status_of(made->unmap(*bytes)));
  }
  close(*made, "close a lent region");
}

/// Sends a capability along with the next message to the target; true if it went.
bool send_with(unsigned target, std::uint64_t kind, Handle handle, std::uint64_t rights, std::uint64_t flags) {
  granary_message message{};
  std::uint64_t& sequence = worker.report->port_sent[target];
  fill(message, kind, worker.id, target, sequence + 1);
  message.flags |= GRANARY_FLAG_TRANSFER | flags;
  message.word[6] = rights;
  message.word[7] = handle.value();
  const granary_status status = granary_port_send(worker.inbox[target].value(), &message, Deadline(1ms).ticks());
  if (!done(kDoer, "send with a gift", status, GRANARY_ETIMEDOUT, GRANARY_EDQUOT)) return false;
  ++sequence;
  return true;
}

void give_moved(unsigned target) {
  const Result<AsyncChannel> made = AsyncChannel::create(1);
  if (!is_made(made)) return;
  const AsyncChannel channel = *made;
  granary_message message{};
  fill(message, kAsync, worker.id, worker.id, 1);
  done(kDoer, "async send to what is moved", granary_async_send(channel.value(), &message));
  const std::uint64_t rights = GRANARY_RIGHT_ASYNC_SEND | GRANARY_RIGHT_ASYNC_RECEIVE;
  if (send_with(target, kMovedGift, channel, rights, GRANARY_FLAG_MOVE)) {
    ++worker.report->moved;
    require(channel.info().error() == kBadHandle, "moved: it is gone here");
  } else {
    close(channel, "close what was not moved");
  }
}

void take_back(Semaphore& gift) {
  if (!gift) return;
  Report& report = *worker.report;
  std::uint64_t ended = 0;
  if (done(kDoer, "revoke a gift", granary_handle_revoke(gift.value(), &ended))) {
    ++report.revokes;
    report.revoked += ended;
    require(ended <= 1, "revoke: no more than was given");
  }
  while (gift.try_wait()) {
    ++report.operations[kDoer];
    ++report.gift_posts_taken;
  }
  close(gift, "close a gift");
  gift = Semaphore();
}

}  // namespace

void take_answer(const granary_message& answer, unsigned target, bool accepts) {
  const granary_handle handle = brought(answer);
  require(answer.opcode == kAnswer && answer.word[0] == target && answer.word[1] == last_call(target),
          "answer: to this call");
  for (unsigned i = 2; i < 6; ++i)
    require(answer.word[i] == mixed(kAnswer, target, worker.id, answer.word[1], i), "answer: each word");
  require(accepts || handle == 0, "answer: a capability only for who accepts one");
  if (handle == 0) return;
  if (done(kDoer, "post through what a reply brought", status_of(Semaphore(handle).post())))
    ++worker.report->semaphore_posts[target];
  close(Handle(handle), "close what a reply brought");
}

void use_timer(Random& random) {
  const Result<Notification> made = Notification::create();
  if (!is_made(made)) return;
  const Notification notification = *made;
  const Result<Timer> made_timer = Timer::create(notification, 4);
  if (!is_made(made_timer)) return close(notification, "close a notification without a timer");
  const Timer timer = *made_timer;
  Report& report = *worker.report;
  const auto expiry = Clock::now() + std::chrono::microseconds(50 << random.below(8));
  if (done(kDoer, "set a timer", status_of(timer.set(until(expiry))))) {
    ++report.timers_set;
    bool is_stopped = false;
    if (random.one_in(3)) {
      const Result<bool> cancelled = timer.cancel();
      is_stopped = done(kDoer, "stop a timer", status_of(cancelled)) && *cancelled;
    }
    const Result<std::uint64_t> bits = notification.wait(4, is_stopped ? do_not_block : Deadline(20s));
    if (is_stopped) {
      ++report.timers_cancelled;
      require(!bits.ok() && bits.error() == kWouldBlock, "timer: stopped, it does not expire");
    } else if (done(kDoer, "timer expiry", status_of(bits))) {
      ++report.timers_fired;
      require(Clock::now() >= expiry, "timer: not before its time");
    }
  }
  close(timer, "close a timer");
  close(notification, "close the notification of a timer");
}

void lend(unsigned target, Random& random) {
  switch (random.below(6)) {
    case 0: return lend_semaphore(target, random);
    case 1: return lend_notification(target, random);
    case 2: return lend_port(target, random);
    case 3: return lend_mail(target, random);
    case 4: return lend_timer(target, random);
    default: return lend_region(target, random);
  }
}

void give(unsigned target, Random& random) {
  if (random.one_in(3)) return give_moved(target);
  Semaphore& gift = gifts[random.below(kGiftsOut)];
  take_back(gift);
  const Result<Semaphore> made = Semaphore::create(0);
  if (!is_made(made)) return;
  if (!send_with(target, kGift, *made, GRANARY_RIGHT_SEMAPHORE_POST, 0))
    return close(*made, "close what was not given");
  ++worker.report->gifts;
  gift = *made;
}
void take_back(Random& random) { take_back(gifts[random.below(kGiftsOut)]); }
void take_back_all() {
  for (Semaphore& gift : gifts) take_back(gift);
}

void revoke_own(Random& random) {
  const Result<Port> made = Port::create();
  if (!is_made(made)) return;
  const Port port = *made;
  const unsigned length = 1 + random.below(4);
  Port chain[5] = {port};
  for (unsigned i = 0; i < length; ++i) chain[i + 1] = chain[i].duplicate().value();
  const unsigned from = random.below(length + 1);
  std::uint64_t ended = 0;
  if (done(kDoer, "revoke", granary_handle_revoke(chain[from].value(), &ended))) {
    ++worker.report->revokes;
    worker.report->revoked += ended;
    require(ended == length - from, "revoke: everything derived and nothing else");
  }
  for (unsigned i = 0; i <= length; ++i) {
    const bool is_there = chain[i].info().ok();
    require(is_there == (i <= from), "revoke: what is gone and what is there");
    if (is_there) close(chain[i], "close a duplicate of a port");
  }
}

}  // namespace soak
