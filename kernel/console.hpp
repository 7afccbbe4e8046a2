// SPDX-License-Identifier: Apache-2.0
//
// The console: a ring of characters between everything that prints and the transmitter. Printing never waits for the
// line speed once silos run: characters that the transmitter has no room for stay in the ring and are drained at kernel
// exits and by the timer. During boot it is synchronous; a dying kernel does not use it (hal/aarch64/epitaph.cpp). Owns
// the ring and the kernel's unfinished line.
//
// INVARIANT: only whole lines enter the ring, so neither the kernel's nor a silo's line has another one in its middle.
// INVARIANT: silos leave kReserve characters of the ring to the kernel.
#pragma once

#include <cstdint>
#include <string_view>

#include "kernel/base/format.hpp"

namespace kernel {

class ConsoleLine;

enum class ConsoleMode : std::uint8_t { Synchronous, Buffered };
/// To Synchronous: first transmits what is waiting, for as long as that takes.
void set_console_mode(ConsoleMode mode);

/// Adds text of the kernel's own as it is. In Buffered mode a kernel line that does not fit is dropped and the loss is
/// reported by a later line.
void console_write(std::string_view text);

/// Gives the transmitter what it has room for, at most kConsoleDrainMaximum characters. Never waits.
void console_drain();
inline constexpr unsigned kConsoleDrainMaximum = 32;
/// True while characters wait for the transmitter: the timer should call console_drain in a millisecond.
bool console_pending();

/// Bytes that a silo prints. `line` is its unfinished line and stays with the caller; whole lines go out as `[name]
/// line`. Returns how many bytes were taken, from the first on; fewer than there are if the ring has no room for a line
/// that they complete, so nothing is lost.
std::uint32_t console_write_silo(std::string_view name, ConsoleLine& line, std::string_view bytes);
/// The silo has ended: its unfinished line is completed. Counted as lost if even the kernel's reserve is full.
void console_finish_silo(std::string_view name, ConsoleLine& line);

/// A line of the kernel's own: "granary: " text newline. Arguments as in base::format.
template <typename... Arguments>
void log(std::string_view text, const Arguments&... arguments) {
  struct Sink {
    void write(std::string_view piece) { console_write(piece); }
  } sink;
  sink.write("granary: ");
  base::format(sink, text, arguments...);
  sink.write("\n");
}

}  // namespace kernel
