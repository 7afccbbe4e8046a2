// SPDX-License-Identifier: Apache-2.0
//
// The client of the gauge: asks for values, and asks again when it is told that the gauge has ended. In the end the
// supervisor must have brought it an answer for each, the hopeless silo must be down, and then it gives the verdict.
#include <cstdio>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

unsigned checks = 0, failures = 0;
void check(bool holds, const char* text) {
  if (!holds) ++failures;
  printf("%s %u - %s\n", holds ? "ok" : "not ok", ++checks, text);
}

unsigned ends = 0;  ///< of the gauge, that it has met

/// 0: there was none.
Message ask(std::uint64_t value) {
  for (;;) {
    const Result<Message> answer = handles::gauge.call({1, {value}}, 10s);
    if (answer) return *answer;
    if (answer.error() != kPeerRestarted) {
      printf("# %s\n", answer.error().name());
      return {0};
    }
    ++ends;
  }
}

}  // namespace

int main() {
  bool are_right = true;
  for (std::uint64_t value = 0; value < 13; ++value) {
    const Message answer = ask(value);
    are_right = are_right && answer.opcode == 2 && answer.words[0] == value * 8;
  }
  check(are_right && ends == 0, "the newest image of the gauge answers");
  const Message answer = ask(13);
  check(answer.opcode == 1 && answer.words[0] == 13 * 8, "what it crashes on gets an answer from the proven image");
  // More often if a call from another core comes while the gauge is ending still: it is told of the same end.
  printf("# told %u times that the gauge has ended\n", ends);
  check(ends >= 3, "it has crashed three times: two restarts, then the other image");
  check(ask(14).opcode == 1, "which it keeps");
  while (handles::hopeless.status().value().state == abi::SiloState::Running) sleep_for(1ms);
  sleep_for(1500ms);  // longer than the kernel waits for a supervisor
  check(handles::hopeless.status().value().state != abi::SiloState::Running, "whom nobody can help is left down");
  printf("1..%u\n", checks);
  handles::system.verdict(failures).value();
  return static_cast<int>(failures);
}
