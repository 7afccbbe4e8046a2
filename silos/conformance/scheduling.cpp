// SPDX-License-Identifier: Apache-2.0
//
// Priorities, preemption by the timer, round robin, yield, and the caller's priority for the server. All on threads
// of one silo, which share its memory; the other silos of the system are soon done. Manifest: main 40, helper 40, mid
// 20, low_a and low_b 10, server 5.
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

enum class Task : int { Rest, Count, CountAndYield, CountAndWait, Send };

struct Actor {
  std::atomic<Task> task = Task::Rest;
  std::atomic<std::uint64_t> count = 0;
};
Actor mid, low_a, low_b;
std::atomic<std::uint64_t> turn_changes = 0, last_turn = 0;
Port port, service;

[[noreturn]] void act(Actor& self, std::uint64_t name) {
  for (;;) {
    switch (self.task.load()) {
      case Task::Rest: sleep_for(500us); break;
      case Task::Count: ++self.count; break;
      case Task::CountAndYield:
        ++self.count;
        if (last_turn.exchange(name) != name) ++turn_changes;
        yield();
        break;
      case Task::CountAndWait:
        ++self.count;
        asm volatile("wfi");
        break;
      case Task::Send:
        self.task = Task::Rest;
        port.try_send({self.count}).ignore();
        ++self.count;  // after the send: the receiver must have run before
        break;
    }
  }
}

std::uint64_t progress(Actor& actor, Clock::duration time) {
  const std::uint64_t before = actor.count;
  sleep_for(time);
  return actor.count - before;
}

void rest() {
  mid.task = low_a.task = low_b.task = Task::Rest;
  sleep_for(5ms);
}

void preemption() {
  low_a.task = Task::Count;
  // The other silos of the system, which are more urgent, may be at their own checks still.
  check(eventually([] { return low_a.count > 1000; }),
        "a thread that never gives up the processor runs while the others sleep");
  Clock::duration best = 1s;  // an emulated machine may itself be kept waiting, so not the worst
  for (int i = 0; i < 20; ++i) {
    const Clock::time_point wake_up = Clock::now() + 2ms;
    sleep_until(wake_up);
    best = std::min(best, Clock::now() - wake_up);
  }
  check(best < 5ms, "and is interrupted when one of higher priority wakes");
  mid.task = Task::Count;
  sleep_for(5ms);
  check(progress(mid, 20ms) > 1000, "one of higher priority runs");
  check_equal(progress(low_a, 20ms), 0, "and one of lower priority does not, not even by accident");
  rest();
}

void round_robin() {
  low_a.task = low_b.task = Task::Count;
  sleep_for(10ms);
  const std::uint64_t a = low_a.count, b = low_b.count;
  sleep_for(300ms);
  const std::uint64_t more_a = low_a.count - a, more_b = low_b.count - b;
  check(more_a > 0 && more_b > 0, "two that never give up the processor, of the same priority, both run");
  check(more_a < 3 * more_b && more_b < 3 * more_a, "and get about the same share");
  rest();
  low_a.task = low_b.task = Task::CountAndYield;
  sleep_for(5ms);
  const std::uint64_t turns = turn_changes, counts = low_a.count + low_b.count;
  sleep_for(20ms);
  const std::uint64_t changed = turn_changes - turns, counted = low_a.count + low_b.count - counts;
  check(counted > 100 && changed * 10 > counted * 9, "two that yield take turns");
  rest();
  low_a.task = Task::CountAndWait;
  low_b.task = Task::Count;
  check(progress(low_a, 100ms) > 0 && progress(low_b, 20ms) > 0, "wfi is a yield and hangs nobody");
  rest();
}

void waking_preempts() {
  port = Port::create().value();
  low_a.task = Task::Rest;
  sleep_for(5ms);
  const std::uint64_t before = low_a.count;
  low_a.task = Task::Send;
  const Result<Request> request = port.receive(1s);
  check(request.ok() && request->message.opcode == before && low_a.count == before,
        "a message to a waiting thread of higher priority switches to it at once");
  rest();
  port.close().value();
}

void the_callers_priority() {
  mid.task = Task::Count;
  sleep_for(5ms);
  const Result<Message> answer = service.call({1}, 3s);
  check(answer.ok(), "a server of low priority, called from above, runs at its caller's priority");
  const Result<Message> chained = service.call({2}, 3s);
  check(chained.ok() && chained->opcode == 22, "so does the server that this server calls");
  service.try_send({3}).value();  // handed to the waiting server
  service.try_send({4}).value();  // queued until the server runs
  sleep_for(20ms);
  check_equal(service.stats().value().queued, 1, "after the reply it is back at its own: what was only sent waits");
  rest();
}

}  // namespace

extern "C" void mid_main(std::uint64_t) { act(mid, 1); }
extern "C" void low_a_main(std::uint64_t) { act(low_a, 2); }
extern "C" void low_b_main(std::uint64_t) { act(low_b, 3); }

Port inner;
extern "C" void server_main(std::uint64_t) {
  while (!service) sleep_for(1ms);
  for (Result<Request> request = service.receive();;) {
    Message answer{request.value().message.opcode};
    if (answer.opcode == 2) answer = inner.call({2}, 100ms).value();
    request = request->is_call() ? service.reply_and_receive(std::move(request->token), answer) : service.receive();
  }
}
extern "C" void inner_main(std::uint64_t) {
  while (!inner) sleep_for(1ms);
  for (Result<Request> request = inner.receive();;)
    request = inner.reply_and_receive(std::move(request.value().token), {22});
}

int main() {
  inner = Port::create().value();
  service = Port::create().value();
  sleep_for(10ms);
  preemption();
  round_robin();
  waking_preempts();
  the_callers_priority();
  return finish();
}
