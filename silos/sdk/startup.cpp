// SPDX-License-Identifier: Apache-2.0
//
// From the first instruction (start.S) to main() and from there to the end of the silo; the C interface's few
// functions. Invariant: constructors run once, on the main thread, and before any other thread's function.
#include <stdlib.h>
#include <unistd.h>

#include <atomic>

#include "granary/granary.h"
#include "granary/granary.hpp"
#include "internal.hpp"

extern "C" {
int main();
// The tables of constructors, placed by silo.ld. (picolibc's own loop over them goes by other names in newer versions.)
using Constructor = void (*)();
extern const Constructor __init_array_start[], __init_array_end[];
}

namespace {

constinit std::uint64_t silo_argument = 0;
constinit std::atomic<bool> constructed = false;

}  // namespace

extern "C" [[noreturn]] void granary_main(std::uint64_t argument) {
  silo_argument = argument;
  for (const Constructor* constructor = __init_array_start; constructor != __init_array_end; ++constructor) {
    (*constructor)();
  }
  // ORDERING: release, so that another thread that sees it sees what the constructors wrote.
  constructed.store(true, std::memory_order_release);
  exit(main());
}

extern "C" [[noreturn]] void granary_thread_main(void (*function)(std::uint64_t), std::uint64_t argument) {
  using namespace std::chrono_literals;
  // Ever more seldom: many threads of higher priority that look often would leave main() nothing to construct with.
  for (auto wait = 100us; !constructed.load(std::memory_order_acquire); wait = wait < 10ms ? 2 * wait : wait)
    granary::sleep_for(wait);
  function(argument);
  granary::exit_thread();
}

extern "C" [[noreturn]] void _exit(int status) {
  granary::detail::flush_console();
  granary::detail::finish_log();
  granary_exit(static_cast<std::uint64_t>(status));
}

extern "C" std::uint64_t granary_argument(void) { return silo_argument; }

extern "C" const char* granary_status_message(granary_status status) {
  return status == GRANARY_OK ? "success" : granary::Error(static_cast<int>(-status)).message();
}

extern "C" const char* granary_status_hint(granary_status status) {
  return status == GRANARY_OK ? "" : granary::Error(static_cast<int>(-status)).hint();
}

namespace granary {

std::uint64_t argument() { return silo_argument; }
void exit_silo(int status) { exit(status); }
void exit_thread() {
  detail::flush_console();
  granary_thread_exit();
}

}  // namespace granary
