// SPDX-License-Identifier: Apache-2.0
//
// Budgets: nobody gets more than his in any period, a server works in its caller's, and what happens when that is used
// up. Manifest: main 50; spinner 40 with 2 ms in 10 ms; caller 30 with the same; impatient 31 with the same and
// overrun = "end_call"; server 45. overrunner is a silo of its own with 3 ms in 20 ms and overrun = "fault".
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

constexpr Clock::duration kBudget = 2ms, kPeriod = 10ms;
/// Somebody who reads the clock again and again misses no more of it than interrupts take, unless he does not run.
constexpr Clock::duration kGap = 30us;
/// How late the kernel may be, and what a loop needs to see that time has passed.
constexpr Clock::duration kTolerance = 150us;

/// Times at which somebody ran without a gap.
struct Stint {
  std::uint64_t begin, end;
};
constexpr unsigned kStints = 2048;
Stint stints[kStints];
std::atomic<unsigned> stint_count = 0;
std::atomic<bool> spins = false, calls = false, calls_impatiently = false;
std::atomic<int> answers = 0;
std::atomic<std::uint64_t> call_time = 0, server_time = 0, caller_time = 0;
std::atomic<std::int64_t> impatient_status = 1, late_reply = 1;
Port service;

/// Runs, and writes down when it did, until there is no more room.
void spin() {
  const std::uint64_t gap = Clock::to_ticks(kGap);
  stints[0] = {detail::counter_now(), detail::counter_now()};
  for (unsigned stint = 0; spins;) {
    const std::uint64_t now = detail::counter_now();
    if (now - stints[stint].end > gap) {
      if (++stint == kStints) return;
      stints[stint].begin = now;
      stint_count = stint;
    }
    stints[stint].end = now;
  }
}

/// The most that was run in any time of one period.
std::uint64_t most_in_a_period() {
  const std::uint64_t period = Clock::to_ticks(kPeriod);
  std::uint64_t most = 0;
  for (unsigned first = 0; first < stint_count; ++first) {
    const std::uint64_t end = stints[first].begin + period;
    std::uint64_t sum = 0;
    for (unsigned i = first; i < stint_count && stints[i].begin < end; ++i)
      sum += (stints[i].end < end ? stints[i].end : end) - stints[i].begin;
    most = sum > most ? sum : most;
  }
  return most;
}

void enforcement() {
  spins = true;
  sleep_for(400ms);
  spins = false;
  const std::uint64_t most = most_in_a_period();
  printf("# budget %" PRIu64 " ticks, at most %" PRIu64 " were used in a period\n", Clock::to_ticks(kBudget), most);
  check(stint_count >= 36, "a thread with a budget runs once in each period");
  check(most <= Clock::to_ticks(kBudget + kTolerance), "and in no time of one period more than its budget");
  check(most >= Clock::to_ticks(kBudget - kTolerance), "nor less");
}

void donation() {
  const std::uint64_t own = server_time;
  calls = true;
  check(eventually([] { return answers == 1; }), "a server that needs three budgets of its caller gets them");
  check(call_time >= Clock::to_ticks(2 * kPeriod), "which takes three periods");
  check(server_time - own < Clock::to_ticks(500us), "and nothing of the server's own time");
  check(caller_time >= Clock::to_ticks(5ms - kTolerance), "but the caller's");
  calls_impatiently = true;
  static_cast<void>(eventually([] { return impatient_status != 1; }));
  check_equal(static_cast<std::uint64_t>(impatient_status.load()), static_cast<std::uint64_t>(GRANARY_ETIMEDOUT),
              "by policy the call ends when the caller's budget is used up");
  check(eventually([] { return late_reply != 1; }) && late_reply == GRANARY_EPIPE, "and the server is told");
}

void overrun() {
  check(eventually([] { return !handles::overrunner.status()->running(); }),
        "a silo that runs beyond its budget is stopped, where the policy says so");
  const SiloStatus status = handles::overrunner.status().value();
  check(status.state == abi::SiloState::Faulted && status.fault == abi::FaultKind::BudgetOverrun, "by that fault");
  const SiloTime time = handles::overrunner.time().value();
  check_equal(time.exhaustions, 1, "which an observer sees");
  check(time.ticks >= Clock::to_ticks(3ms) && time.ticks <= Clock::to_ticks(3ms + kTolerance),
        "and its time was its budget");
}

}  // namespace

extern "C" void spinner_main(std::uint64_t) {
  for (;;) {
    if (spins) spin();
    sleep_for(20ms);
  }
}

extern "C" void caller_main(std::uint64_t) {
  for (;;) {
    if (calls.exchange(false)) {
      const std::uint64_t begin = detail::counter_now(), before = thread_time().ticks;
      const bool answered = service.call(Message{5'000}).ok();
      call_time = detail::counter_now() - begin;
      caller_time = thread_time().ticks - before;
      answers += answered;
    }
    sleep_for(20ms);
  }
}

extern "C" void impatient_main(std::uint64_t) {
  for (;;) {
    if (calls_impatiently.exchange(false)) {
      const auto reply = service.call(Message{4'000});
      impatient_status = reply.ok() ? 0 : static_cast<std::int64_t>(-reply.error().number());
    }
    sleep_for(20ms);
  }
}

/// Works for as many microseconds as the opcode says, by its own count of what it gets.
extern "C" void server_main(std::uint64_t) {
  while (!service) sleep_for(1ms);
  for (;;) {
    Result<Request> request = service.receive();
    if (!request) continue;
    const std::uint64_t wanted = Clock::to_ticks(std::chrono::microseconds(request->message.opcode));
    std::uint64_t done = 0, last = detail::counter_now();
    while (done < wanted) {
      const std::uint64_t now = detail::counter_now();
      if (now - last < Clock::to_ticks(kGap)) done += now - last;
      last = now;
    }
    server_time = thread_time().ticks;
    const Result<void> replied = Port::reply(std::move(request->token), Message{});
    if (!replied) late_reply = -static_cast<std::int64_t>(replied.error().number());
  }
}

int main() {
  service = Port::create().value();
  overrun();
  enforcement();
  donation();
  return finish();
}
