// SPDX-License-Identifier: Apache-2.0
//
// A silo in no window runs in what is left. It hears from the others where their windows are.
#include "handles.hpp"
#include "windows.hpp"

using namespace conformance;

int main() {
  std::uint64_t origin[2] = {};
  unsigned heard = 0;
  // Each place in the frame that it has seen, to fifty microseconds.
  const std::uint64_t grain = Clock::to_ticks(50us);
  bool seen[400] = {};
  while (heard < 2) {
    const std::uint64_t now = detail::counter_now();
    seen[now % Clock::to_ticks(kFrame) / grain] = true;
    const Result<Request> request = handles::verdicts.try_receive();
    if (!request) continue;
    origin[request->message.opcode == 5 ? 0 : 1] = request->message.words[0];
    ++heard;
  }
  const std::uint64_t frame = Clock::to_ticks(kFrame);
  const std::uint64_t apart = (origin[1] - origin[0] % frame + frame) % frame;
  check(apart + Clock::to_ticks(kTurn) >= Clock::to_ticks(8ms) && apart <= Clock::to_ticks(8ms + kTurn),
        "the windows are as far apart as the manifest says");
  const auto seen_between = [&](Clock::duration from, Clock::duration to) {
    unsigned sum = 0;
    for (std::uint64_t at = Clock::to_ticks(from); at < Clock::to_ticks(to); at += grain)
      sum += seen[(origin[0] + at) % frame / grain];
    return sum;
  };
  check(seen_between(2 * kTurn, 5ms - kTurn) == 0 && seen_between(8ms + 2 * kTurn, 11ms - kTurn) == 0,
        "nobody else runs in them");
  check(seen_between(5ms + 3 * kTurn, 8ms - kTurn) > 40 && seen_between(11ms + 3 * kTurn, 20ms - kTurn) > 140,
        "who is in no window runs between them");
  return finish();
}
