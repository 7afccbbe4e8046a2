// SPDX-License-Identifier: Apache-2.0
//
// The neighbour of a server that crashes: it is told at once, and is not held up by what the kernel has to say about
// the crash (a core file is tens of thousands of characters).
#include <algorithm>

#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

// Two messages behind the call, which nobody will read.
extern "C" void sender_main(std::uint64_t) {
  sleep_for(5ms);
  for (std::uint64_t i = 0; i < 2; ++i) handles::service.send(Message{i}).value();
  exit_thread();
}

int main() {
  const auto started = Clock::now();
  const Result<Message> answer = handles::service.call(Message{7}, 5s);
  const auto told = Clock::now();
  check_error(answer, kPeerGone, "the caller of a server that crashes is told EPIPE");
  printf("# told after %d us\n", static_cast<int>((told - started) / 1us));
  check(told - started < 4s, "long before its deadline");
  // While the kernel explains: does a thread that has something to do still run when it wants? How late it may be is
  // judged in virtual time (test/qemu/rows.py): a host has other things to do as well.
  std::chrono::nanoseconds worst{};
  for (int i = 0; i < 100; ++i) {
    const auto until = Clock::now() + 1ms;
    sleep_until(Deadline(until));
    worst = std::max<std::chrono::nanoseconds>(worst, Clock::now() - until);
  }
  printf("# never later than %d us\n", static_cast<int>(worst.count() / 1000));
  check(worst < 2s, "the neighbours of the crash run on meanwhile");
  const SiloStatus status = handles::crashing.status().value();
  check(status.state == abi::SiloState::Faulted && status.fault == abi::FaultKind::Translation, "its record says why");
  const int failed = finish();
  handles::system.verdict(failed).value();
  return failed;
}
