// SPDX-License-Identifier: Apache-2.0
//
// A silo that ends while its call is served, without the server having entered the kernel: its second thread ends it.
// Manifest: it owns the port `start`, and is a client of `replies`; threads = { killer = ... }, more urgent than
// others.
#include "fast_path.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {
std::atomic<bool> is_calling = false;
}

extern "C" void killer_main(std::uint64_t) {
  while (!is_calling) sleep_for(1ms);
  sleep_for(5ms);  // the call below is served by then, and will be for a while
  exit_silo(0);
}

int main() {
  handles::start.receive().value();
  static_cast<void>(call_raw({.handle = handles::replies.value()}));
  is_calling = true;
  sleep_for(2ms);
  static_cast<void>(call_raw({.handle = handles::replies.value(), .opcode = kSpin, .word0 = ticks_from_now(8ms)}));
  return 1;
}
