// SPDX-License-Identifier: Apache-2.0
//
// The console: a ring of characters between everything that prints and the transmitter. Printing never waits for the
// line speed once silos run: characters that the transmitter has no room for stay in the ring and are drained at kernel
// exits and by the timer. During boot it is synchronous; a dying kernel does not use it (hal/aarch64/epitaph.cpp). Owns
// the ring and the kernel's unfinished line.
//
// One silo can have the transmitter (CONSOLE_TAKE). From then on everything stays in the ring until that silo has said
// that it is printed, and the kernel does not touch the transmitter. It takes it back when that silo stops, or when it
// must be sure that its words get out (Synchronous); what was not said to be printed goes out first.
//
// INVARIANT: only whole lines enter the ring, so neither the kernel's nor a silo's line has another one in its middle.
// INVARIANT: silos leave kReserve characters of the ring to the kernel.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "kernel/base/format.hpp"
#include "kernel/base/ids.hpp"
#include "kernel/base/result.hpp"

namespace kernel {

class ConsoleLine;

namespace detail {
extern std::atomic<bool> console_has_news;  // console.cpp
}

enum class ConsoleMode : std::uint8_t { Synchronous, Buffered };
/// To Synchronous: first transmits what is waiting, for as long as that takes.
void set_console_mode(ConsoleMode mode);

// What the silo that has the transmitter does (console_calls.cpp).

std::optional<base::SiloId> console_owner();
/// To this silo; who had it before has it no more.
void console_give_to(base::SiloId owner);
/// Start of boot: nobody has had it.
void console_forget_owner();
/// The silo has stopped: if the transmitter was its, the kernel has it again.
void console_owner_stopped(base::SiloId silo);
struct ConsoleText {
  std::uint64_t position = 0;  ///< of its first character, counted since boot
  std::uint32_t bytes = 0;
  std::uint64_t lines_lost = 0;  ///< since boot
};
/// Everything before `printed` is printed. Then what comes from there on, into `buffer`; it stays in the ring. EINVAL:
/// `printed` is beyond everything that was ever read.
base::Result<ConsoleText> console_read(std::uint64_t printed, std::span<char> buffer);
/// Something has been printed that the owner has not been told of; false if there is no owner. Asked at every exit of
/// the kernel, so it is one load.
inline bool console_owner_is_to_be_told() {
  // ORDERING: relaxed: a hint; what it is about is read under the console's lock.
  return detail::console_has_news.load(std::memory_order_relaxed);
}
/// It is told now.
void console_owner_told();
/// Whether an owner finds something to read.
bool console_is_readable();
/// While an owner has not read for so long, silos' lines that find no room take that of the oldest, as the kernel's do
/// at once; before, they wait for room.
inline constexpr std::uint64_t kConsoleReaderMicroseconds = 1'000'000;

/// Adds text of the kernel's own as it is. In Buffered mode a kernel line that does not fit is dropped and the loss is
/// reported by a later line.
void console_write(std::string_view text);

/// How many characters of the kernel's own find room without loss now; as good as unlimited while Synchronous.
std::uint32_t console_room();

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
