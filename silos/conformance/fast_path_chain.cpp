// SPDX-License-Identifier: Apache-2.0
//
// Direct calls one in the other, as deep as may be, and what is counted of them. Manifest: link_1 to link_10, each of
// which calls the next; link_3 may call link_1 back. They run fast_path_server.cpp.
#include "fast_path.hpp"
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

constexpr unsigned kLinks = 10, kDeepest = GRANARY_CALL_DEPTH_MAXIMUM;
const std::uint64_t first = handles::chain_1.value();
const Silo links[kLinks] = {handles::link_1, handles::link_2, handles::link_3, handles::link_4, handles::link_5,
                            handles::link_6, handles::link_7, handles::link_8, handles::link_9, handles::link_10};

#pragma GCC push_options
#pragma GCC target("general-regs-only")

/// The order goes to the last of `length` links.
GRANARY_GENERAL_ONLY General to_link(unsigned length, std::uint64_t opcode, std::uint64_t word = 0,
                                     std::uint64_t deadline = GRANARY_DEADLINE_FOREVER) {
  if (length == 1) return call_raw({.handle = first, .opcode = opcode, .word0 = word, .deadline = deadline});
  return call_raw(
      {.handle = first, .opcode = kForward, .word0 = length - 1, .word1 = opcode, .word2 = word, .deadline = deadline});
}
GRANARY_GENERAL_ONLY std::uint64_t time_once(unsigned length) {
  before_call();
  const Floating mode = floating;
  floating = Floating::NotUsed;  // the claim would be long enough to be interrupted each time
  const std::uint64_t begin = detail::counter_now();
  static_cast<void>(to_link(length, kEcho));
  const std::uint64_t end = detail::counter_now();
  floating = mode;
  return end - begin;
}

#pragma GCC pop_options

std::uint64_t time_of(unsigned length) {
  return shortest([length] { return time_once(length); });
}

/// Every link but the last has answered with what came from behind it.
bool came_through(const General& got, unsigned length) {
  return status_of(got) == GRANARY_OK && last_findings == 0 && got.x[1] == kForward + kAnswered && got.x[3] == 0 &&
         got.x[5] == length - 1;
}

void depths() {
  bool all = true;
  for (int again = 0; again < 3; ++again) {
    for (unsigned length = 2; length <= kDeepest; ++length) all = came_through(to_link(length, kEcho), length) && all;
  }
  check(all, "F2 calls one in the other, two to eight deep");
  all = true;
  for (unsigned length = 2; length <= kDeepest; ++length)
    all = came_through(to_link(length, kEnter, GRANARY_SYS_ABI_VERSION), length) &&
          came_through(to_link(length, kEcho), length) && all;
  check(all, "F2 the innermost enters the kernel");
  all = true;
  for (unsigned length = 2; length <= kDeepest; ++length)
    all = came_through(to_link(length, kSpin, ticks_from_now(3ms)), length) && all;
  helper.start([] { sleep_for(20ms); });
  for (unsigned length = 2; length <= kDeepest; ++length)
    all = came_through(to_link(length, kSpin, ticks_from_now(3ms)), length) && all;
  static_cast<void>(helper.wait());
  all = came_through(to_link(kDeepest, kSpin, ticks_from_now(30ms)), kDeepest) && all;
  check(all, "F2 the innermost is interrupted");
  helper.start([] { sleep_for(150ms); });  // and does not arm the timer twice in each chain
  helper.settle();
  const std::uint64_t six = time_of(6), seven = time_of(7), eight = time_of(8);
  printf("# six deep %" PRIu64 " ticks, seven %" PRIu64 ", eight %" PRIu64 "\n", six, seven, eight);
  static_cast<void>(helper.wait());
  check(eight - seven < 2 * (seven - six), "F2 the eighth call in the other is direct");
  const General ninth = to_link(kDeepest + 1, kEcho);
  check(status_of(ninth) == GRANARY_OK && static_cast<std::int64_t>(ninth.x[3]) == GRANARY_ELOOP,
        "F2 and the ninth is ELOOP, which only the eighth server sees");
  bool in_time = true;
  for (unsigned length = 2; length <= kDeepest; ++length) {
    helper.start([] { sleep_for(1ms); });
    sleep_for(200us);
    const std::uint64_t deadline = ticks_from_now(3ms);
    const General got = to_link(length, kSpin, ticks_from_now(6ms), deadline);
    in_time = in_time && status_of(got) == GRANARY_ETIMEDOUT && detail::counter_now() >= deadline &&
              detail::counter_now() < deadline + Clock::to_ticks(2ms);
    static_cast<void>(helper.wait());
    sleep_for(8ms);
  }
  check(in_time, "C1 the outermost call has a deadline, which passes while the innermost is served");
  all = true;
  for (unsigned length = 2; length <= kDeepest; ++length) all = came_through(to_link(length, kEcho), length) && all;
  check(all, "F2 and all of them serve again");
  all = true;
  for (int i = 0; i < 10; ++i) {  // not each of them is interrupted
    const General circle = to_link(3, kBack);
    all = all && status_of(circle) == GRANARY_OK && static_cast<std::int64_t>(circle.x[4]) == GRANARY_EDEADLK;
  }
  check(all, "C8 a circle of direct calls is EDEADLK");
  std::uint64_t findings = 0;
  for (unsigned length = 1; length <= kDeepest; ++length) {
    const General got = to_link(length, kFindings);
    findings |= length == 1 ? got.x[3] : got.x[4];
  }
  check_equal(findings, 0, "F1 none of them has lost a register or found one of another");
}

struct Counts {
  std::uint64_t sent, received;
};
Counts counts_of(Silo silo) {
  const SiloStatus status = silo.status().value();
  return {status.messages_sent, status.messages_received};
}

void counts() {
  Counts before[kLinks];
  for (unsigned i = 0; i < kLinks; ++i) before[i] = counts_of(links[i]);
  const Counts own = counts_of(handles::chain_caller);
  const PortStatistics port = handles::chain_1.stats().value();
  constexpr unsigned kCalls = 100, kLength = 4;
  // A claim before each call (before_call).
  const unsigned claims = floating == Floating::OfTheServer ? 1 : 0;
  for (unsigned i = 0; i < kCalls; ++i) static_cast<void>(to_link(kLength, kEcho));
  bool exact = true;
  for (unsigned i = 0; i < kLinks; ++i) {
    const Counts now = counts_of(links[i]);
    // A call and a reply for each call it makes, and for each that it takes.
    const std::uint64_t wanted = (i + 1 < kLength    ? 2 * kCalls
                                  : i + 1 == kLength ? kCalls
                                                     : 0) +
                                 (i == 0 ? claims * kCalls : 0);
    exact = exact && now.sent - before[i].sent == wanted && now.received - before[i].received == wanted;
  }
  check(exact, "F6 SILO_STATUS counts direct calls and replies of each server, to the last one");
  const Counts now = counts_of(handles::chain_caller);
  const unsigned made = kCalls * (1 + claims);
  check(now.sent - own.sent == made && now.received - own.received == made, "F6 and of their caller");
  const PortStatistics after = handles::chain_1.stats().value();
  check(after.calls - port.calls == made && after.received - port.received == made &&
            after.replies - port.replies == made && after.sent == port.sent && after.queued == 0,
        "F6 PORT_STATS counts them");
  const General inside = call_raw({.handle = first, .opcode = kStatistics, .flags = 1});
  check(inside.x[3] == after.calls + 1 + claims && inside.x[4] == after.received + 1 + claims &&
            inside.x[5] == after.replies + claims,
        "F6 to a server that serves one it is a call without a reply");
  check(handles::chain_1.stats()->replies == after.replies + 1 + claims, "F6 and then it has one");
}

void two_at_once() {
  static std::atomic<int> answered;
  answered = 0;
  const PortStatistics before = handles::chain_1.stats().value();
  helper.start([] { answered += status_of(to_link(1, kSpin, ticks_from_now(4ms))) == GRANARY_OK; });
  sleep_for(1500us);
  const PortStatistics now = handles::chain_1.stats().value();
  check_equal(now.calls - before.calls - (now.replies - before.replies), 1, "D9 (somebody else is served)");
  const General got = to_link(1, kEcho);
  check(status_of(got) == GRANARY_OK && helper.wait() && answered == 1,
        "D9 a second caller waits, and both are served");
}

void measured() {
  General got = to_link(1, kMeasure);
  check_equal(got.x[3], 0, "D9 (times are not measured before somebody asks)");
  for (int i = 0; i < 20; ++i) static_cast<void>(to_link(1, kEcho));
  static_cast<void>(to_link(1, kSpin, ticks_from_now(2ms)));
  got = to_link(1, kMeasure);
  check_equal(got.x[3], 21, "D9 from then on every call is measured, so none is direct");
  check(got.x[5] >= Clock::to_ticks(1900us) && got.x[4] < Clock::to_ticks(1ms) && got.x[6] >= got.x[5],
        "D9 and its time is right");
}

}  // namespace

int main() {
  // Their timers would interrupt each of the longer chains.
  static_cast<void>(
      eventually([] { return !handles::caller.status()->running() && !handles::replier.status()->running(); }));
  depths();
  counts();
  two_at_once();
  for (unsigned length = 1; length <= kDeepest; ++length) static_cast<void>(to_link(length, kFloat));
  claiming_server = first;
  for (const Floating mode : {Floating::OfTheCaller, Floating::OfTheServer}) {
    floating = mode;
    printf("# each uses floating point; the registers are %s\n",
           mode == Floating::OfTheCaller ? "the caller's" : "the first server's");
    depths();
    counts();
  }
  floating = Floating::NotUsed;
  two_at_once();
  measured();
  return finish();
}
