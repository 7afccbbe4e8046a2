// SPDX-License-Identifier: Apache-2.0
//
// PORT_CALL and the null call by the fast path, from the client's side: what may be called directly is, what may not
// is not, and nothing of one silo's registers gets into another. Each check says which condition of
// hal/aarch64/fast_path.S it is about; make test-fast-path breaks them one by one. Manifest: silos and ports of
// conformance_fast_path, a helper thread.
#include <algorithm>

#include "fast_path.hpp"
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

const std::uint64_t server = handles::served.value();  // the port, at which the server waits
constexpr std::uint64_t kForever = GRANARY_DEADLINE_FOREVER;
constexpr std::uint64_t kHigh = std::uint64_t{1} << 63, kBit32 = std::uint64_t{1} << 32;

std::uint64_t slow_there, slow_back, slow_crossing;

constexpr unsigned kTimes = 64;
std::uint64_t there[kTimes], back[kTimes];

#pragma GCC push_options
#pragma GCC target("general-regs-only")
std::int64_t time_calls(TimedCall call) {
  std::int64_t status = GRANARY_OK;
  if (floating == Floating::OfTheCaller) touch_floating_point();
  if (floating == Floating::OfTheServer) static_cast<void>(call_raw({.handle = server, .opcode = kTimed}));
  for (unsigned i = 0; i < kTimes; ++i) {
    timed_call(&call);
    if (call.status != GRANARY_OK) status = call.status;
    there[i] = call.there;
    back[i] = call.back;
  }
  return status;
}
#pragma GCC pop_options

/// Calls to a server that waits, each as the one before. Few are interrupted, so the times are those of most.
TimedCall timed(std::uint64_t deadline = kForever, std::uint64_t flags = 0, std::uint64_t next_deadline = kForever) {
  TimedCall call = {server, deadline, flags, next_deadline, 0, 0, 0};
  call.status = time_calls(call);
  std::sort(there, there + kTimes);
  std::sort(back, back + kTimes);
  call.there = there[kTimes * 3 / 4];
  call.back = back[kTimes * 3 / 4];
  return call;
}
bool is_direct(const TimedCall& call) {
  return call.status == GRANARY_OK && call.there < slow_there / 2 && call.back < slow_back / 2;
}

void begin_to_time() {
  static_cast<void>(call_raw({.handle = server}));
  check_status(status_of(call_raw({.handle = server, .opcode = kTimed})), GRANARY_OK, "F2 (a server that tells times)");
}

/// That the fast path is taken can be seen by its time alone: less than half of what the same takes in C++.
std::uint64_t times() {
  begin_to_time();
  static_cast<void>(timed(kForever, 0, kForever - 1));
  const TimedCall slow = timed(kForever, 0, kForever - 1);
  slow_there = slow.there;
  slow_back = slow.back;
  static_cast<void>(timed());  // the server waits without a deadline from now on
  const TimedCall fast = timed();
  printf("# in C++ %" PRIu64 " + %" PRIu64 " ticks, directly %" PRIu64 " + %" PRIu64 "\n", slow.there, slow.back,
         fast.there, fast.back);
  check(fast.there < slow_there / 2, "F2 a call to a waiting server takes the fast path");
  check(fast.back < slow_back / 2, "F3 so does its reply");
  check(is_direct(timed(kForever, GRANARY_FLAG_EIGHT_WORDS)), "F2 eight words as well");
  const TimedCall bounded = timed(kForever, 0, 0xffffffff);
  check(bounded.status == GRANARY_OK && bounded.back > slow_back / 2,
        "F3 a server with a deadline of 32 ones waits in C++");
  static_cast<void>(timed());

  helper.start([] { sleep_for(50ms); });
  helper.settle();
  check(is_direct(timed(ticks_from_now(1s))), "F2 a deadline behind the next timer is no obstacle");
  check(is_direct(timed(std::uint64_t{1} << 40)), "F2 nor is one whose low half is 0");
  static_cast<void>(helper.wait());

  slow_crossing = shortest([] { return timed_crossing(GRANARY_SYS_ABI_VERSION); });
  const std::uint64_t null_call = shortest([] { return timed_crossing(GRANARY_SYS_NULL_CALL); });
  printf("# a crossing in C++ %" PRIu64 " ticks, the null call %" PRIu64 "\n", slow_crossing, null_call);
  check(null_call < slow_crossing / 2, "F2 the null call takes the fast path");
  const std::uint64_t touching = shortest([] {
    touch_floating_point();
    static_cast<void>(call_raw({.handle = server}));
    const std::uint64_t begin = detail::counter_now();
    touch_floating_point();
    return detail::counter_now() - begin;
  });
  check(floating == Floating::OfTheServer || touching < slow_crossing / 2,
        "F2 a caller that has the floating-point registers has them still");
  const std::uint64_t its = shortest([] { return call_raw({.handle = server, .opcode = kTouched}).x[3]; });
  check(its < slow_crossing / 2, "F2 a server that uses them has them without a trap");
  General unknown;
  make_dirty(unknown);
  unknown.x[8] = kBit32;
  static_cast<void>(call_and_look(unknown));
  check_status(status_of(unknown), GRANARY_ENOSYS, "F2 number 2^32 is not the null call");
  return fast.there;
}

/// The server's registers as it got the last kEcho.
std::uint64_t told(unsigned index) { return call_raw({.handle = server, .opcode = kTell, .word0 = index}).x[3]; }
std::uint64_t servers_findings() { return call_raw({.handle = server, .opcode = kFindings}).x[3]; }

void messages() {
  for (const std::uint64_t flags : {0, 1, 0, 1}) {
    const bool eight = flags != 0;
    const General answer = call_raw({.handle = server, .flags = flags});
    const std::uint64_t sent = pattern_serial;
    const auto pattern_then = [sent](unsigned i) { return pattern_of(i) - ((pattern_serial - sent) << 8); };
    bool inverted = true;
    for (const unsigned i : {3, 4, 5, 6, 9, 10, 11, 12})
      inverted = inverted && (answer.x[i] == ~pattern_then(i) || (i > 8 && !eight && answer.x[i] == 0));
    check(status_of(answer) == GRANARY_OK && inverted,
          eight ? "F1 all eight words go there and back" : "F1 four words go there and back, the others are 0");
    check_equal(answer.x[1], kEcho + kAnswered, "F1 the opcode of the answer");
    check_equal(answer.x[2], flags, "F1 its flags");
    check_equal(answer.x[7] | answer.x[8] | answer.x[13], 0, "F1 a reply has no badge and no token");
    check_equal(answer.x[14], 0x00220301, "F1 the label of the server's silo comes with the reply");
    check_equal(last_findings, 0, "F1 the caller keeps what is its own, and X13, X15-X18, NZCV and unused words are 0");
    bool arrived = true;
    for (const unsigned i : {3, 4, 5, 6, 9, 10, 11, 12})
      arrived = arrived && told(i) == (i > 8 && !eight ? 0 : pattern_then(i));
    check(arrived, "F1 the server got each word in its register");
    check(told(0) == 0 && told(1) == kEcho && told(2) == flags, "F1 status, opcode and flags");
    check_equal(told(7), 77, "F1 the badge of the capability that was used");
    check_equal(told(14), 0x00110202, "F1 the label of the caller's silo");
    check_equal(told(13), 0, "F1 and no more");
  }
  const std::uint64_t first = (static_cast<void>(call_raw({.handle = server})), told(8));
  const std::uint64_t second = (static_cast<void>(call_raw({.handle = server})), told(8));
  check(first != 0 && second > first, "F3 each call has a new token");
  check_equal(servers_findings(), 0, "F1 the server keeps what is its own, and found nothing of anybody else");

  General null_call;
  make_dirty(null_call);
  null_call.x[8] = 0;
  const std::uint64_t found = call_and_look(null_call);
  bool zero = found == 0;
  for (unsigned i = 0; i < 19; ++i) zero = zero && null_call.x[i] == 0;
  check(zero, "F1 the null call leaves 0 in X0-X18 and NZCV, and keeps the rest");
  const General waited = call_raw({.handle = server, .opcode = kWait});
  check(status_of(waited) == GRANARY_OK && waited.x[3] == 0, "F1 an exception that is no call keeps every register");
}

/// A call that must come back with this status, and must not reach the server.
void refused(const RawCall& call, std::int64_t status, const char* text) {
  const std::uint64_t before = told(8);
  const General got = call_raw(call);
  const bool holds = status_of(got) == status && last_findings == 0 && told(8) == before;
  check(holds, text);
  if (!holds) printf("# status %" PRId64 ", findings %" PRIu64 "\n", status_of(got), last_findings);
}

void handles_of_calls() {
  refused({.handle = 0}, GRANARY_EBADF, "F5 handle 0");
  refused({.handle = kForever}, GRANARY_EBADF, "F5 handle of all ones");
  refused({.handle = server + kBit32}, GRANARY_EBADF, "F5 the next generation of a handle");
  refused({.handle = server ^ kHigh}, GRANARY_EBADF, "F5 one with bit 63");
  refused({.handle = server & ~std::uint64_t{0} >> 32}, GRANARY_EBADF, "F5 generation 0");
  for (const std::uint64_t bit : {1u, 2u, 4u, 8u, 16u, 32u})
    refused({.handle = server | bit}, GRANARY_EBADF, "F5 one of bits 0-5");
  refused({.handle = server + (64 << 6)}, GRANARY_EBADF,
          "F5 an index beyond the table that is the same modulo its size");
  refused({.handle = server ^ (std::uint64_t{1} << 31)}, GRANARY_EBADF, "F5 one with bit 31");
  refused({.handle = handles::unused.value()}, GRANARY_EPERM, "F5 a channel");
  refused({.handle = handles::bell.value()}, GRANARY_EPERM, "F5 a notification");
  refused({.handle = handles::server.value()}, GRANARY_EPERM, "F5 a silo");
  const Port sending = handles::served.duplicate(GRANARY_RIGHT_PORT_SEND).value();
  refused({.handle = sending.value()}, GRANARY_EPERM, "F5 a capability that may only send");
  sending.close().value();
  const Port second = handles::served.duplicate(GRANARY_RIGHT_PORT_CALL).value();
  check(status_of(call_raw({.handle = second.value()})) == GRANARY_OK, "F5 a second capability calls as well");
  const std::uint64_t neighbour = second.value() + 64;
  refused({.handle = neighbour}, GRANARY_EBADF, "F5 the handle of a slot that was never used");
  second.close().value();
  refused({.handle = second.value()}, GRANARY_EBADF, "F5 a handle that was closed");
  refused({.handle = second.value() + kBit32}, GRANARY_EBADF, "F5 the one that its slot will give next");
  const Port third = handles::served.duplicate(GRANARY_RIGHT_PORT_CALL).value();
  check(third.value() == second.value() + kBit32, "F5 (the slot is used again)");
  refused({.handle = second.value()}, GRANARY_EBADF, "F5 the old handle of a slot that is used again");
  third.close().value();
}

void flags_and_numbers() {
  for (const std::uint64_t flag : {std::uint64_t{0x10}, std::uint64_t{0x100}, kBit32, kHigh})
    refused({.handle = server, .flags = flag}, GRANARY_EINVAL, "F1 a flag that does not exist");
  refused({.handle = server, .flags = 2}, GRANARY_EPERM,
          "F1 a flag that is not the fast path's: TRANSFER without the right");
  const General accepting = call_raw({.handle = server, .flags = 8});
  check(status_of(accepting) == GRANARY_OK && told(2) == 0, "F1 ACCEPT is for the kernel, the server does not see it");
  refused({.handle = server, .number = 202}, GRANARY_EPERM, "F2 number 202 is no call");
  refused({.handle = server, .number = 204}, GRANARY_EINVAL, "F2 nor 204");
  refused({.handle = server, .number = 235}, GRANARY_ENOSYS, "F2 nor 235");
  refused({.handle = server, .number = 203 + kBit32}, GRANARY_ENOSYS, "F2 nor 203 + 2^32");
  refused({.handle = server, .number = 203 + kHigh}, GRANARY_ENOSYS, "F2 nor 203 + 2^63");
  refused({.handle = server, .number = 219}, GRANARY_ENOSYS, "F2 nor 219");
  refused({.handle = server, .deadline = 0}, GRANARY_EINVAL, "F2 a call with deadline 0");
  refused({.handle = server, .deadline = 1}, GRANARY_ETIMEDOUT, "F2 a deadline in the past");
  refused({.handle = server, .deadline = detail::counter_now()}, GRANARY_ETIMEDOUT, "F2 a deadline that is now");
  refused({.handle = handles::nobody.value(), .deadline = ticks_from_now(2ms)}, GRANARY_ETIMEDOUT,
          "F2 a server that does not wait");
}

}  // namespace

int main() {
  // The same with a server that uses floating point: the registers are exchanged, or they are the server's anyway.
  std::uint64_t cost[3];
  claiming_server = server;
  for (const Floating mode : {Floating::NotUsed, Floating::OfTheCaller, Floating::OfTheServer}) {
    if (mode == Floating::OfTheCaller) static_cast<void>(call_raw({.handle = server, .opcode = kFloat}));
    floating = mode;
    printf("# %s\n", mode == Floating::NotUsed       ? "the server uses no floating point"
                     : mode == Floating::OfTheCaller ? "floating-point registers are exchanged"
                                                     : "floating-point registers are the server's");
    cost[static_cast<int>(mode)] = times();
    messages();
    handles_of_calls();
    flags_and_numbers();
  }
  check(cost[0] < cost[2] && cost[2] < cost[1], "F2 the three ways to a waiting server can be told by what they cost");
  return finish();
}
