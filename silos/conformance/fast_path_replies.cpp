// SPDX-License-Identifier: Apache-2.0
//
// PORT_REPLY_AND_RECEIVE by the fast path: its server is ordered to reply with something wrong, and tells how that
// went. Which condition of hal/aarch64/fast_path.S a check is about: make test-fast-path. Also calls that end in
// another way than by a reply: deadlines, death, the closing of a handle. Manifest: conformance_fast_path.
#include "fast_path.hpp"
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

const std::uint64_t server = handles::replies.value();
constexpr std::uint64_t kForever = GRANARY_DEADLINE_FOREVER;
constexpr std::uint64_t kHigh = std::uint64_t{1} << 63, kBit32 = std::uint64_t{1} << 32;

/// What the server changes in its reply. Differences are by exclusive or.
struct Change {
  std::uint64_t number = 0, handle = 0, token = 0, flags = 0;
  std::uint64_t deadline = kForever;
  std::uint64_t which = 0;  ///< 0 its own handle, 1 a second one to the same port, 2 another port
};

#pragma GCC push_options
#pragma GCC target("general-regs-only")
GRANARY_GENERAL_ONLY General order(const Change& change, bool ends_there = false) {
  before_call();
  General registers;
  make_dirty(registers);
  const std::uint64_t in_order[] = {server,       kAttempt,     1,        change.number,         change.handle,
                                    change.token, change.flags, kForever, GRANARY_SYS_PORT_CALL, change.deadline,
                                    change.which, ends_there,   0};
  for (unsigned i = 0; i < 13; ++i) registers.x[i] = in_order[i];
  last_findings = call_and_look(registers);
  return registers;
}
#pragma GCC pop_options
std::uint64_t finding(unsigned word) { return call_raw({.handle = server, .opcode = kFindings}).x[3 + word]; }
bool is_served() { return status_of(call_raw({.handle = server})) == GRANARY_OK; }

/// The attempt has this status, and did not answer.
void refused(const Change& change, std::int64_t status, const char* text) {
  const General got = order(change);
  const bool holds = status_of(got) == GRANARY_OK && got.x[1] == kAttempt + kAnswered &&
                     static_cast<std::int64_t>(got.x[3]) == status && last_findings == 0;
  check(holds, text);
  if (!holds)
    printf("# status %" PRId64 ", opcode %#" PRIx64 ", status there %" PRId64 "\n", status_of(got), got.x[1],
           static_cast<std::int64_t>(got.x[3]));
  static_cast<void>(is_served());  // the next one is called directly again
}

void refusals() {
  check(is_served(), "F3 (the server serves)");
  refused({.token = 1}, GRANARY_EINVAL, "F3 the token of another number");
  refused({.token = 2}, GRANARY_EINVAL, "F3 the token of another number");
  refused({.token = kHigh}, GRANARY_EINVAL, "F3 a token with bit 63");
  refused({.token = kBit32}, GRANARY_EINVAL, "F3 a token with bit 32");
  refused({.handle = kBit32 * 3}, GRANARY_EBADF, "F3 a handle of another generation");
  refused({.handle = kHigh}, GRANARY_EBADF, "F3 a handle with bit 63");
  refused({.handle = 1}, GRANARY_EBADF, "F3 a handle with bit 0");
  refused({.handle = 32}, GRANARY_EBADF, "F3 a handle with bit 5");
  refused({.handle = 1 << 15}, GRANARY_EBADF, "F3 a handle beyond the table");
  for (const std::uint64_t flag : {std::uint64_t{0x10}, std::uint64_t{0x100}, kBit32, kHigh})
    refused({.flags = flag}, GRANARY_EINVAL, "F3 a flag that does not exist");
  refused({.flags = 2}, GRANARY_EBADF, "F3 TRANSFER of no handle");
  refused({.number = 209 ^ 208}, GRANARY_EINVAL, "F3 number 208 is no reply");
  refused({.number = 209 ^ 210}, GRANARY_EINVAL, "F3 nor 210");
  refused({.number = 209 ^ 211}, GRANARY_EPERM, "F3 nor 211");
  refused({.number = kBit32}, GRANARY_ENOSYS, "F3 nor 209 + 2^32");
  refused({.number = kHigh}, GRANARY_ENOSYS, "F3 nor 209 + 2^63");
  check_equal(finding(0), 0, "F3 after each of them the server has its registers, and nothing of anybody else's");
}

/// Replies that are right, and not the fast path's.
void long_ways() {
  General got = order({.deadline = ticks_from_now(2ms)}, true);
  check(status_of(got) == GRANARY_OK && got.x[1] == kAttempted, "F3 a reply whose receive has a deadline");
  sleep_for(4ms);
  check_equal(finding(2), static_cast<std::uint64_t>(GRANARY_ETIMEDOUT), "F3 which passes");
  got = order({.deadline = 0}, true);
  check(status_of(got) == GRANARY_OK && got.x[1] == kAttempted, "F3 a reply whose receive does not wait");
  sleep_for(1ms);
  check_equal(finding(2), static_cast<std::uint64_t>(GRANARY_EAGAIN), "F3 and gets nothing");
  got = order({.deadline = 1}, true);
  check(status_of(got) == GRANARY_OK && got.x[1] == kAttempted, "F3 one whose receive has a deadline in the past");
  sleep_for(1ms);
  check_equal(finding(2), static_cast<std::uint64_t>(GRANARY_ETIMEDOUT), "F3 and gets nothing");
}

void deadlines() {
  // The helper's sleep arms the timer. Each at its time, once at least: an emulated machine may be kept waiting.
  static std::atomic<std::uint64_t> armed;
  bool before = false, behind = false, early = false, in_vain = false;
  for (int i = 0; i < 20 && !(before && behind); ++i) {
    const std::uint64_t tick = Clock::to_ticks(1us), now = detail::counter_now();
    armed = now + 3000 * tick;
    helper.start([] { sleep_until(Deadline::from_ticks(armed)); });
    sleep_for(1ms);  // ends before the helper's
    const std::uint64_t first = now + 2500 * tick;
    General got = call_raw({.handle = server, .opcode = kSpin, .word0 = now + 4000 * tick, .deadline = first});
    std::uint64_t late = detail::counter_now() - first;
    before = before || (status_of(got) == GRANARY_ETIMEDOUT && last_findings == 0 && late < 250 * tick);
    early = early || late > kHigh;
    static_cast<void>(helper.wait());
    sleep_for(3ms);
    static_cast<void>(is_served());

    const std::uint64_t then = detail::counter_now();
    armed = then + 2000 * tick;
    helper.start([] { sleep_until(Deadline::from_ticks(armed)); });
    sleep_for(1ms);
    const std::uint64_t second = then + 3000 * tick;
    got = call_raw({.handle = server, .opcode = kSpin, .word0 = then + 5000 * tick, .deadline = second});
    late = detail::counter_now() - second;
    behind = behind || (status_of(got) == GRANARY_ETIMEDOUT && last_findings == 0 && late < 250 * tick);
    early = early || late > kHigh;
    static_cast<void>(helper.wait());
    sleep_for(3ms);
    in_vain = in_vain || !is_served();
  }
  check(before, "C1 a deadline before the armed timer ends the call at its time");
  check(behind, "C1 so does one behind it, though the server never enters the kernel");
  check(!early, "C1 none ends early");
  check(!in_vain, "C1 and the server goes on to serve");
  const General got = call_raw({.handle = server, .opcode = kSpin, .word0 = ticks_from_now(25ms)});
  check(status_of(got) == GRANARY_OK && last_findings == 0, "F3 a server that is interrupted answers all the same");
}

void in_the_middle() {
  for (const std::uint64_t number : {GRANARY_SYS_ABI_VERSION, GRANARY_SYS_YIELD, GRANARY_SYS_NULL_CALL, 9999, 202}) {
    check(is_served(), "F3 (directly)");
    const General got = call_raw({.handle = server, .opcode = kEnter, .word0 = static_cast<std::uint64_t>(number)});
    check(
        status_of(got) == GRANARY_OK && last_findings == 0 && got.x[1] == kEnter + kAnswered && got.x[14] == 0x00440301,
        "F3 a server that makes another system call before it answers");
  }
  check(is_served(), "F3 (directly)");
  const General got = call_raw({.handle = server, .opcode = kWait});
  check(status_of(got) == GRANARY_OK && got.x[3] == 0, "F3 a server that waits for an interrupt before it answers");
  check_equal(finding(0), 0, "F3 none of that mixes up registers");
}

/// After a reply that went directly, a message that did not, and the reply to the one before once more.
void spent_tokens() {
  bool all[3] = {true, true, true};
  for (unsigned i = 0; i < 24; ++i) {  // not each of them is interrupted
    const std::uint64_t choice = i % 3;
    all[choice] = is_served() && all[choice];
    static_cast<void>(handles::replies.try_send({kRepeat, {choice}}));
    sleep_for(300us + i * 50us);
    const General got = call_raw({.handle = server, .opcode = kRepeated});
    const std::int64_t wanted = choice == 0 ? GRANARY_EINVAL : GRANARY_EBADF;
    all[choice] = static_cast<std::int64_t>(got.x[3]) == wanted && all[choice];
  }
  check(all[0], "C2 a token that a direct reply has spent");
  check(all[1], "C2 with handle 0, which is the status of the receive before");
  check(all[2], "C2 with a handle of another generation");
}

Port closing;
std::atomic<std::int64_t> outcome;
void a_closed_handle() {
  closing = handles::replies.duplicate().value();
  helper.start([] {
    static_cast<void>(call_raw({.handle = closing.value()}));
    outcome = status_of(call_raw({.handle = closing.value(), .opcode = kSpin, .word0 = ticks_from_now(40ms)}));
  });
  sleep_for(3ms);
  closing.close().value();
  const bool is_over = helper.wait();
  if (!check(is_over && outcome == GRANARY_EPIPE, "F5 closing the handle of a direct call ends it, with EPIPE"))
    printf("# its outcome is %d\n", static_cast<int>(outcome));
  sleep_for(10ms);
  check(is_served(), "F5 and its server goes on");
}

void deaths() {
  for (int twice = 0; twice < 2; ++twice) {
    const Port mortal = twice == 0 ? handles::exits : handles::faults;
    check(status_of(call_raw({.handle = mortal.value()})) == GRANARY_OK, "P10 (a server that will die)");
    static_cast<void>(call_raw({.handle = mortal.value()}));
    const General got = call_raw({.handle = mortal.value(), .opcode = twice == 0 ? kExit : kFault});
    check(status_of(got) == GRANARY_EPIPE && last_findings == 0,
          "P10 a server that ends while it serves a direct call");
    check_status(status_of(call_raw({.handle = mortal.value()})), GRANARY_EPIPE, "P10 and the call after that");
  }
  const std::uint64_t lost = handles::replies.stats()->replies_lost;
  handles::start.try_send({}).value();  // its other thread ends the silo in the middle of this call
  check(eventually([] { return !handles::widow.status()->running(); }), "P7 a caller ends while it is served directly");
  sleep_for(10ms);
  check(is_served(), "P7 its server goes on");
  check_equal(handles::replies.stats()->replies_lost, lost + 1, "P7 the reply is lost, and counted");
}

}  // namespace

int main() {
  claiming_server = server;
  for (const Floating mode : {Floating::NotUsed, Floating::OfTheCaller, Floating::OfTheServer}) {
    if (mode == Floating::OfTheCaller) static_cast<void>(call_raw({.handle = server, .opcode = kFloat}));
    floating = mode;
    printf("# %s\n", mode == Floating::NotUsed       ? "the server uses no floating point"
                     : mode == Floating::OfTheCaller ? "floating-point registers are exchanged"
                                                     : "floating-point registers are the server's");
    refusals();
    long_ways();
    in_the_middle();
    spent_tokens();
    deadlines();
    a_closed_handle();
  }
  floating = Floating::NotUsed;
  deaths();
  return finish();
}
