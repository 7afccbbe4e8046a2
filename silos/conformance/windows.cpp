// SPDX-License-Identifier: Apache-2.0
//
// A silo with a window runs in it and at no other time, and so does a server without one that it calls. Argument: the
// window's length in milliseconds. It finds out where its window begins, tells the judge, and looks at the clock for
// fifty frames.
#include "windows.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

/// The counter after the longest gap of two frames: the beginning of a window.
std::uint64_t find_window() {
  std::uint64_t longest = 0, begin = 0, last = detail::counter_now();
  const std::uint64_t end = last + 2 * Clock::to_ticks(kFrame);
  while (last < end) {
    const std::uint64_t now = detail::counter_now();
    if (now - last > longest) {
      longest = now - last;
      begin = now;
    }
    last = now;
  }
  return begin;
}

}  // namespace

int main() {
  const std::uint64_t length = Clock::to_ticks(std::chrono::milliseconds(argument()));
  const std::uint64_t turn = Clock::to_ticks(kTurn);
  const std::uint64_t origin = find_window() - turn;  // it was late by some of this
  const Port clock = port_with(abi::Right::PortCall);
  Sightings own, served;
  const std::uint64_t before = thread_time().silo_ticks;
  const std::uint64_t end = origin + 50 * Clock::to_ticks(kFrame);
  for (std::uint64_t now = detail::counter_now(); now < end; now = detail::counter_now()) {
    own.see(now, origin);
    const Result<Message> reply = clock.call(Message{1});
    if (reply) served.see(reply->words[0], origin);
  }
  const std::uint64_t ticks = own.last - own.first;
  printf("# ran from %" PRIu64 " to %" PRIu64 " of each frame, its window is %" PRIu64 " long\n", own.begin, own.end,
         length);
  check(own.end - own.begin <= length + turn, "a silo with a window runs in it and at no other time");
  check(own.end - own.begin + turn >= length, "and it has all of it");
  check(served.end - served.begin <= length + turn && served.begin + turn >= own.begin,
        "a server without a window serves it in its caller's");
  const std::uint64_t time = thread_time().silo_ticks - before;
  const std::uint64_t wanted = ticks / Clock::to_ticks(kFrame) * length;
  printf("# paid %" PRIu64 " ticks of %" PRIu64 "\n", time, wanted);
  check(time + 2 * length > wanted && time < wanted + 2 * length, "and its processor time is that of its windows");
  check_ok(handles::verdicts.send(Message{argument(), {origin}}), "(the judge hears where the window is)");
  return finish();
}
