// SPDX-License-Identifier: Apache-2.0
//
// Deadlines of links: whatever is asked for, nothing that goes through a link takes longer. `deaf` never receives,
// `slow` takes calls and never answers, `quick` answers; each is a port with a deadline of 20 ms; so is a channel whose
// other end does nothing.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

constexpr Clock::duration kDeadline = 20ms;
constexpr Clock::duration kTolerance = 2ms;

template <typename Operation>
void ends_in_time(Operation operation, const char* text) {
  const Clock::time_point begin = Clock::now();
  const auto result = operation();
  const Clock::duration took = Clock::now() - begin;
  check_error(result, kTimedOut, text);
  const bool is_in_time = took >= kDeadline && took < kDeadline + kTolerance;
  check(is_in_time, "and neither sooner nor later than its link says");
  if (!is_in_time) printf("# %lld us\n", static_cast<long long>(took / 1us));
}
std::uint64_t missed(const Handle& handle) { return handle.info().value().missed_deadlines; }

void calls() {
  ends_in_time([] { return handles::deaf.call({1}); }, "a call that nobody takes ends");
  ends_in_time([] { return handles::slow.call({1}); }, "a call that is not answered ends");
  ends_in_time([] { return handles::slow.call({1}, 10s); }, "it does whatever longer time was asked for");
  const Clock::time_point begin = Clock::now();
  check_error(handles::slow.call({1}, 5ms), kTimedOut, "a shorter one counts");
  check(Clock::now() - begin < kDeadline, "and the call ends by that");
  check_equal(missed(handles::deaf), 1, "the kernel has counted what was missed");
  check_equal(missed(handles::slow), 2, "and not what was asked for");
  bool all_answered = true;
  for (int i = 0; i < 200; ++i) all_answered = all_answered && handles::quick.call({1}).ok();
  check(all_answered, "calls that are answered in time are as any other");
  check_equal(missed(handles::quick), 0, "and miss nothing");
}

void sends() {
  while (handles::deaf.try_send({1}).ok()) {
  }
  ends_in_time([] { return handles::deaf.send({1}); }, "a send to a full port ends");
  ends_in_time([] { return handles::talk.receive(); }, "a receive from an empty channel ends");
  while (handles::talk.try_send({1}).ok()) {
  }
  ends_in_time([] { return handles::talk.send({1}); }, "a send to a full channel ends");
  check_error(handles::talk.try_send({1}), kWouldBlock, "what does not wait still does not");
  check_equal(missed(handles::talk), 2, "both were counted");
}

void derived() {
  const Port copy = handles::slow.duplicate(GRANARY_RIGHT_PORT_CALL).value();
  const std::uint64_t before = missed(handles::slow);
  ends_in_time([&] { return copy.call({1}); }, "a derived capability has the deadline of its parent");
  check_equal(missed(handles::slow), before + 1, "and its link");
}

}  // namespace

int main() {
  calls();
  sends();
  derived();
  return finish();
}
