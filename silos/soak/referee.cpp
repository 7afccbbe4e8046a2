// SPDX-License-Identifier: Apache-2.0
//
// The referee of the soak: tells the workers how much to do (`argument`: operations of all together), holds them at
// the barriers, and gives the verdict: for each kind, what was sent is what was received, queued and refused, by the
// kernel's count and by the silos' own. A system that stops moving fails by the deadline of its receive().
#include <cstring>

#include "handles.hpp"
#include "soak.hpp"

using namespace soak;

namespace {

int checks = 0, failed = 0;
const Board* board = nullptr;

void check(bool holds, const char* text) {
  printf("%s %d - %s\n", holds ? "ok" : "not ok", ++checks, text);
  if (!holds) ++failed;
}
/// What must be equal for each worker or pair of workers; the first that is not is told.
class Balance {
 public:
  explicit Balance(const char* text) : text_(text) {}
  ~Balance() {
    char line[160];
    snprintf(line, sizeof line, "%s (%" PRIu64 ")", text_, sum_);
    check(differing_ == 0, line);
    if (differing_ != 0)
      printf("# %u differ; the first: [%u][%u] has %" PRIu64 ", wanted %" PRIu64 "\n", differing_, at_[0], at_[1], got_,
             wanted_);
  }
  Balance(const Balance&) = delete;
  Balance& operator=(const Balance&) = delete;
  void equal(unsigned first, unsigned second, std::uint64_t got, std::uint64_t wanted) {
    sum_ += wanted;
    if (got == wanted || differing_++ != 0) return;
    at_[0] = first, at_[1] = second, got_ = got, wanted_ = wanted;
  }

 private:
  const char* text_;
  std::uint64_t sum_ = 0, got_ = 0, wanted_ = 0;
  unsigned differing_ = 0, at_[2] = {};
};

/// For each pair of workers: what `sender` has counted for `target`, and `target` for `sender`.
void balance_pairs(const char* text, const std::uint64_t (Report::*sent)[kWorkers],
                   const std::uint64_t (Report::*received)[kWorkers]) {
  Balance balance(text);
  for (unsigned s = 0; s < kWorkers; ++s)
    for (unsigned t = 0; t < kWorkers; ++t)
      balance.equal(s, t, (board->report[t].*received)[s], (board->report[s].*sent)[t]);
}
/// What all have counted for `target`.
std::uint64_t for_target(const std::uint64_t (Report::*counted)[kWorkers], unsigned target) {
  std::uint64_t sum = 0;
  for (const Report& report : board->report) sum += (report.*counted)[target];
  return sum;
}
/// What `worker` has counted of all.
std::uint64_t of_all(const std::uint64_t (&counted)[kWorkers]) {
  std::uint64_t sum = 0;
  for (const std::uint64_t one : counted) sum += one;
  return sum;
}
/// For each worker two numbers that must be equal.
template <typename Got, typename Wanted>
void balance_each(const char* text, Got got, Wanted wanted) {
  Balance balance(text);
  for (unsigned i = 0; i < kWorkers; ++i) balance.equal(i, 0, got(board->report[i], i), wanted(board->report[i], i));
}
std::uint64_t total(const std::uint64_t Report::*counted) {
  std::uint64_t sum = 0;
  for (const Report& report : board->report) sum += report.*counted;
  return sum;
}

void judge_messages() {
  using R = const Report&;
  balance_pairs("port: each worker received what each other one sent, in order", &Report::port_sent,
                &Report::port_received);
  balance_each(
      "port: the kernel counted as sent what the senders did", [](R r, unsigned) { return r.port.sent; },
      [](R, unsigned i) { return for_target(&Report::port_sent, i); });
  balance_each(
      "port: sent and called = received + queued + calls that ended in the queue",
      [](R r, unsigned) { return r.port.received + r.port.queued; },
      [](R r, unsigned) { return r.port.sent + of_all(r.calls_received); });
  balance_each(
      "port: what was queued at the end was there", [](R r, unsigned) { return r.port_drained; },
      [](R r, unsigned) { return r.port.queued; });
  // A call whose deadline has passed when it is made does not count as one.
  balance_each(
      "calls: made >= counted by the kernel >= taken",
      [](R r, unsigned i) {
        return r.port.calls <= for_target(&Report::calls_made, i) && r.port.calls >= of_all(r.calls_received) ? 1 : 0;
      },
      [](R, unsigned) { return 1; });
  balance_each(
      "calls: the kernel counted the replies that callers got", [](R r, unsigned) { return r.port.replies; },
      [](R, unsigned i) { return for_target(&Report::calls_answered, i); });
  balance_each(
      "calls: taken = answered + callers that had gone, by the kernel",
      [](R r, unsigned) { return r.port.replies + r.port.replies_lost; },
      [](R r, unsigned) { return of_all(r.calls_received); });
  // A reply_and_receive whose receive fails does not say whether the reply arrived.
  balance_each(
      "calls: taken = answered + callers that had gone, by the server",
      [](R r, unsigned) { return r.replies_given + r.replies_lost + r.replies_unknown; },
      [](R r, unsigned) { return of_all(r.calls_received); });
  balance_each(
      "calls: the server knew of no more replies, given or lost, than the kernel",
      [](R r, unsigned) { return r.replies_given <= r.port.replies && r.replies_lost <= r.port.replies_lost ? 1 : 0; },
      [](R, unsigned) { return 1; });
  balance_pairs("async: each worker received what each other one sent, in order", &Report::async_sent,
                &Report::async_received);
  balance_each(
      "async: the kernel counted as sent what the senders did", [](R r, unsigned) { return r.async.sent; },
      [](R, unsigned i) { return for_target(&Report::async_sent, i); });
  balance_each(
      "async: sent = received + queued", [](R r, unsigned) { return r.async.received + r.async.queued; },
      [](R r, unsigned) { return r.async.sent; });
  balance_each(
      "async: refused = counted as dropped", [](R r, unsigned) { return r.async.dropped; },
      [](R, unsigned i) { return for_target(&Report::async_refused, i); });
  balance_each(
      "async: what was queued at the end was there", [](R r, unsigned) { return r.async_drained; },
      [](R r, unsigned) { return r.async.queued; });
  const auto previous = [](unsigned i) { return (i + kWorkers - 1) % kWorkers; };
  balance_each(
      "channel: each worker received what the one before it sent, in order",
      [](R r, unsigned) { return r.channel_received; },
      [&](R, unsigned i) { return board->report[previous(i)].channel_sent; });
  balance_each(
      "channel: sent = received + queued", [](R r, unsigned) { return r.channel_in_received + r.channel_in_queued; },
      [&](R, unsigned i) { return board->report[previous(i)].channel_out_sent; });
  balance_each(
      "channel: what was queued at the end was there", [](R r, unsigned) { return r.channel_drained; },
      [](R r, unsigned) { return r.channel_in_queued; });
  balance_each(
      "stream: each worker received what the one before it sent, in order",
      [](R r, unsigned) { return r.stream_received; },
      [&](R, unsigned i) { return board->report[previous(i)].stream_sent; });
}

void judge_the_rest() {
  using R = const Report&;
  {
    Balance balance("notification: every signal was seen");
    for (unsigned t = 0; t < kWorkers; ++t)
      for (unsigned s = 0; s < kWorkers; ++s)
        balance.equal(t, s, board->report[t].signals_seen[s], board->signals[t][s].load());
  }
  {
    Balance balance("notification: no bit was taken more often than it was set");
    for (unsigned t = 0; t < kWorkers; ++t)
      for (unsigned s = 0; s < kWorkers; ++s)
        balance.equal(t, s, board->report[t].bits_taken[s] <= board->signals[t][s].load() ? 1 : 0, 1);
  }
  balance_each(
      "semaphore: initial + posted = waited for + left",
      [](R r, unsigned i) { return for_target(&Report::semaphore_waits, i) + r.semaphore_drained; },
      [](R, unsigned i) { return for_target(&Report::semaphore_posts, i) + kSemaphoreInitial; });
  balance_each(
      "timer: set = expired + stopped", [](R r, unsigned) { return r.timers_fired + r.timers_cancelled; },
      [](R r, unsigned) { return r.timers_set; });
  check(total(&Report::gift_posts) == total(&Report::gift_posts_taken),
        "gifts: what was posted through them before the revoke arrived");
  check(total(&Report::moved) == total(&Report::moved_taken), "gifts: what was moved arrived, with what was in it");
  balance_each(
      "no operation gave an error that docs/abi.md does not allow, no word was wrong",
      [](R r, unsigned) { return r.failures; }, [](R, unsigned) { return 0; });
  balance_each(
      "every quota came back", [](R r, unsigned) { return r.quotas_returned; }, [](R, unsigned) { return 1; });
}

void tell_totals() {
  std::uint64_t operations = 0;
  for (const Report& report : board->report)
    for (const std::uint64_t of_thread : report.operations) operations += of_thread;
  printf("# %" PRIu64 " operations; timeouts %" PRIu64 ", refusals %" PRIu64 "\n", operations, total(&Report::timeouts),
         total(&Report::refusals));
  printf("# loans %" PRIu64 " (%" PRIu64 " used), gifts %" PRIu64 " (%" PRIu64 " posts), moved %" PRIu64 "\n",
         total(&Report::loans), total(&Report::loans_used), total(&Report::gifts), total(&Report::gift_posts),
         total(&Report::moved));
  printf("# revokes %" PRIu64 " (%" PRIu64 " capabilities), capabilities in replies %" PRIu64 "\n",
         total(&Report::revokes), total(&Report::revoked), total(&Report::capabilities_returned));
  check(operations >= argument(), "as many operations were done as the manifest asks for");
}

/// Until all workers have come to the last barrier; false if they get stuck before.
bool oversee() {
  Token waiting[kWorkers];
  unsigned waiting_count = 0;
  std::uint64_t hundredths = 0, barrier = kAllDone;
  const std::uint64_t budget = argument() / kWorkers + 1;
  for (;;) {
    Result<Request> request = handles::control.receive(kPatience);
    if (!request) {
      printf("# no sign of progress: %s\n", request.error().name());
      return false;
    }
    const Message& message = request->message;
    switch (message.opcode) {
      case kStart: Port::reply(std::move(request->token), {kStart, {budget}}).value(); break;
      case kProgress:
        if (++hundredths % (kWorkers * 10) == 0) printf("# %" PRIu64 " %% done\n", hundredths / kWorkers);
        break;
      case kBarrier:
        if (message.words[0] != barrier) return false;
        waiting[waiting_count++] = std::move(request->token);
        if (waiting_count < kWorkers) break;
        for (Token& token : waiting) Port::reply(std::move(token), {kBarrier}).value();
        waiting_count = 0;
        if (barrier++ == kAllChecked) return true;
        break;
      default: return false;
    }
  }
}

}  // namespace

int main() {
  board = reinterpret_cast<const Board*>(handles::board.map(read_only).value().data());
  const bool came_to_an_end = oversee();
  check(came_to_an_end, "all workers came to the end");
  if (!came_to_an_end) {
    for (unsigned i = 0; i < kWorkers; ++i) {
      const Report& r = board->report[i];
      printf("# worker %u: %" PRIu64 " + %" PRIu64 " + %" PRIu64 " operations, %" PRIu64 " failures\n", i,
             r.operations[0], r.operations[1], r.operations[2], r.failures);
    }
  } else {
    judge_messages();
    judge_the_rest();
  }
  tell_totals();
  printf("1..%d\n", checks);
  handles::system.verdict(static_cast<std::uint64_t>(failed)).value();
  return failed;
}
