// SPDX-License-Identifier: Apache-2.0
//
// The client of a server with a watchdog (watched_server.cpp): has its answers, and is told when it hangs. No more
// urgent than the others, because a server hangs at the priority of its caller.
#include "check.hpp"
#include "handles.hpp"
#include "watched.hpp"

using namespace conformance;

int main() {
  bool all_answered = true;
  for (int i = 0; i < 100; ++i) all_answered = all_answered && handles::service.call({watched::kEcho}).ok();
  check(all_answered, "a server with a watchdog answers");
  sleep_for(3 * watched::kTime);
  check_ok(handles::service.call({watched::kEcho}), "and does so when it has waited for long");
  const Clock::time_point begin = Clock::now();
  check_error(handles::service.call({watched::kHang}), kPeerGone,
              "one that hangs in a call is stopped, and its caller told");
  check(Clock::now() - begin >= watched::kTime, "not before its time has passed");
  check(Clock::now() - begin <= 3 * watched::kTime, "and soon enough");  // the caller has to wait for its turn as well
  return finish();
}
