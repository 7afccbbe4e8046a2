// SPDX-License-Identifier: Apache-2.0
//
// How a boot step fails: one sentence on the console, "granary: STOP: ...", and the end. Never used once silos run.
#pragma once

#include <string_view>

#include "kernel/base/format.hpp"
#include "kernel/console.hpp"
#include "kernel/port/cpu.hpp"

namespace boot {

/// Text on its way to the console. Parts of it come from the device tree or the system image, so nothing unprintable
/// passes.
struct SentenceSink {
  void write(std::string_view piece) {
    for (const char character : piece) {
      const bool printable = character >= ' ' && character <= '~';
      kernel::console_write(std::string_view(printable ? &character : "?", 1));
    }
  }
};

/// Before the first word of a last sentence, and after its last.
inline SentenceSink begin_stop() {
  kernel::set_console_mode(kernel::ConsoleMode::Synchronous);
  kernel::console_write("granary: STOP: ");
  return {};
}
[[noreturn]] inline void end_stop() {
  kernel::console_write("\n");
  port::halt();
}

template <typename... Arguments>
[[noreturn]] void stop(std::string_view text, const Arguments&... arguments) {
  SentenceSink sink = begin_stop();
  base::format(sink, text, arguments...);
  end_stop();
}

}  // namespace boot
