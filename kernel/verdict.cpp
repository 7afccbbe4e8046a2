// SPDX-License-Identifier: Apache-2.0
//
// The verdict line, and the orderly end of the machine.
#include "kernel/verdict.hpp"

#include "kernel/console.hpp"
#include "kernel/explanation.hpp"
#include "kernel/port/cpu.hpp"
#include "kernel/system.hpp"

namespace kernel {

void give_verdict(std::uint64_t status) {
  const bool is_end = is_once();
  // Synchronous first: then the line can not be lost to a full ring.
  if (is_end) {
    set_console_mode(ConsoleMode::Synchronous);
    finish_explanations(base::hold_nothing(base::TokenSource::interrupts_masked()));
  }
  log("verdict: status {} ({})", status, status == 0 ? "passed" : "failed");
  if (is_end) port::power_off();
}

}  // namespace kernel
