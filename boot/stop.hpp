// SPDX-License-Identifier: Apache-2.0
//
// How a boot step fails: one sentence on the console, "granary: STOP: ...", and the end. Never used once silos run.
#pragma once

#include <string_view>

#include "kernel/base/format.hpp"
#include "kernel/console.hpp"
#include "kernel/port/cpu.hpp"

namespace boot {

template <typename... Arguments>
[[noreturn]] void stop(std::string_view text, const Arguments&... arguments) {
  struct Sink {
    void write(std::string_view piece) { kernel::console_write(piece); }
  } sink;
  kernel::set_console_mode(kernel::ConsoleMode::Synchronous);
  sink.write("granary: STOP: ");
  base::format(sink, text, arguments...);
  sink.write("\n");
  port::halt();
}

}  // namespace boot
