// SPDX-License-Identifier: Apache-2.0
//
// The console: see console.hpp. The state has a lock, which ranks last: whatever is held, printing may take it.
// A newline goes out as carriage return and newline; terminals on a serial line need both.
#include "kernel/console.hpp"

#include "kernel/base/guarded.hpp"
#include "kernel/console_line.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/port/console.hpp"

namespace kernel {

constinit std::atomic<bool> detail::console_has_news{false};

namespace {

constexpr std::uint32_t kReserve = 4096;  // of the ring, for kernel lines

/// The silo that has the transmitter, and how far it is.
struct ConsoleOwner {
  bool exists = false;
  base::SiloId silo;
  std::uint64_t read_end = 0;    ///< position behind the last character that it has been given
  std::uint64_t told_end = 0;    ///< and behind the last that it has been told of
  std::uint64_t lines_lost = 0;  ///< since boot
  base::Ticks last_read;
};

struct Console {
  ConsoleMode mode = ConsoleMode::Synchronous;
  ConsoleOwner owner;
  bool return_sent = false;  // for the newline at the front of the ring
  bool is_strange = false;   // a silo has left the transmitter, perhaps in the middle of a line
  std::uint16_t line_length = 0;
  std::uint32_t lines_lost = 0;  // since the last report
  char line[256] = {};           // the kernel's, unfinished
  ConsoleRing ring;
};
constinit base::Guarded<Console, base::LockRank::Console> guarded_console;

/// Runs `function` under the console's lock.
template <typename Function>
decltype(auto) locked(Function&& function) {
  // SAFETY: the kernel always runs with interrupts masked. The lock ranks last and nothing here takes another or
  // prints, so claiming to hold nothing cannot hide a wrong order.
  const auto held = base::hold_nothing(base::TokenSource::interrupts_masked());
  return guarded_console.with(held, [&](Console& console, auto) {
    struct Tidings {
      Console& console;
      ~Tidings() {
        const bool has_news = console.owner.exists && console.ring.end_position() != console.owner.told_end;
        // ORDERING: relaxed: a hint, see console_owner_is_to_be_told().
        detail::console_has_news.store(has_news, std::memory_order_relaxed);
      }
    } tidings{console};
    return function(console);
  });
}

void transmit_now(char character) {
  // Bounded by the line speed; the port says "ready" at once if there is no console.
  while (!port::console_ready()) {
  }
  port::console_transmit(character);
}

void transmit_now(std::string_view text) {
  for (const char character : text) {
    if (character == '\n') transmit_now('\r');
    transmit_now(character);
  }
}

/// The kernel's words begin a line, whatever a silo has left there.
void begin_line(Console& console) {
  if (console.is_strange) transmit_now("\n");
  console.is_strange = false;
}

/// Transmits one character if there is one and the transmitter has room.
bool transmit_one(Console& console) {
  if (console.ring.is_empty() || !port::console_ready()) return false;
  const char next = console.is_strange ? '\n' : console.ring.front();
  if (next == '\n' && !console.return_sent) {
    console.return_sent = true;
    port::console_transmit('\r');
    return true;
  }
  console.return_sent = false;
  if (!console.is_strange) console.ring.pop();
  console.is_strange = false;
  port::console_transmit(next);
  return true;
}

struct ReportSink {
  char text[80] = {};
  std::uint32_t length = 0;
  void write(std::string_view piece) {
    for (const char character : piece) {
      if (length < sizeof text) text[length++] = character;
    }
  }
};

void report_losses(Console& console) {
  if (console.lines_lost == 0) return;
  ReportSink report;
  base::format(report, "granary: {} lines lost, console full\n", console.lines_lost);
  if (console.ring.room() < report.length) return;
  console.ring.push(std::string_view(report.text, report.length));
  console.lines_lost = 0;
}

/// Nobody seems to read: the oldest lines make room. At most kCapacity characters.
void lose_oldest(Console& console, std::uint64_t needed) {
  while (console.ring.room() < needed && !console.ring.is_empty()) {
    console.ring.pop_line();
    ++console.owner.lines_lost;
  }
}

bool owner_is_silent(const Console& console) {
  const std::uint64_t patience = port::clock_frequency() / 1'000'000 * kConsoleReaderMicroseconds;
  return console.owner.exists && port::now().value() - console.owner.last_read.value() > patience;
}

/// Lines that are printed up to their end go; the one in which the owner stands stays, should the kernel have to print
/// it again. At most a line's length.
void forget_printed(ConsoleRing& ring, std::uint64_t printed) {
  while (printed > ring.first_position() && ring.at(printed - 1) != '\n') --printed;
  if (printed > ring.first_position()) ring.pop_up_to(printed);
}

/// The kernel has the transmitter again.
void take_back(Console& console) {
  if (!console.owner.exists) return;
  console.owner.exists = false;
  console.return_sent = false;
  console.is_strange = true;
  port::console_take_back();
}

/// The kernel's line goes into the ring, or is lost as a whole.
void flush_kernel_line(Console& console) {
  const std::string_view text(console.line, console.line_length);
  console.line_length = 0;
  if (console.owner.exists) lose_oldest(console, text.size());
  report_losses(console);
  if (console.lines_lost != 0 || console.ring.room() < text.size()) {
    ++console.lines_lost;
    return;
  }
  console.ring.push(text);
}

/// Piece by piece: up to a newline, or as much as a line takes.
void buffer_kernel_text(Console& console, std::string_view text) {
  constexpr std::uint16_t kLongest = sizeof console.line - 2;
  while (!text.empty()) {
    if (console.line_length == kLongest && text.front() != '\n') {
      console.line[console.line_length++] = '\\';
      console.line[console.line_length++] = '\n';
      flush_kernel_line(console);
    }
    const std::size_t room = std::size_t{kLongest} - console.line_length;
    const std::size_t most = text.size() < room ? text.size() : room;
    std::size_t count = 0;
    for (; count < most && text[count] != '\n'; ++count) console.line[console.line_length + count] = text[count];
    console.line_length = static_cast<std::uint16_t>(console.line_length + count);
    text.remove_prefix(count);
    if (text.empty() || text.front() != '\n') continue;
    console.line[console.line_length++] = '\n';
    flush_kernel_line(console);
    text.remove_prefix(1);
  }
}

/// One whole line of a silo. False, with nothing done, if it would leave less than `reserve`.
bool emit_line(Console& console, std::string_view name, ConsoleLine& line, bool is_split, std::uint32_t reserve) {
  const std::string_view end = is_split ? "\\\n" : "\n";
  const std::uint64_t needed = name.size() + 3 + line.text().size() + end.size();
  if (console.mode == ConsoleMode::Buffered && console.ring.room() < needed + reserve) {
    if (!owner_is_silent(console)) return false;
    lose_oldest(console, needed + reserve);
  }
  for (const std::string_view piece : {std::string_view("["), name, std::string_view("] "), line.text(), end}) {
    if (console.mode == ConsoleMode::Synchronous) {
      transmit_now(piece);
    } else {
      console.ring.push(piece);
    }
  }
  line.clear();
  return true;
}

}  // namespace

void set_console_mode(ConsoleMode mode) {
  locked([mode](Console& console) {
    if (mode == ConsoleMode::Synchronous) {
      take_back(console);
      begin_line(console);
    }
    if (mode == ConsoleMode::Synchronous && console.mode == ConsoleMode::Buffered) {
      while (!console.ring.is_empty()) transmit_one(console);
      transmit_now(std::string_view(console.line, console.line_length));
      console.line_length = 0;
    }
    console.mode = mode;
  });
}

void console_write(std::string_view text) {
  locked([text](Console& console) {
    if (console.mode == ConsoleMode::Synchronous) {
      transmit_now(text);
      return;
    }
    buffer_kernel_text(console, text);
  });
}

std::uint32_t console_room() {
  return locked([](Console& console) -> std::uint32_t {
    return console.mode == ConsoleMode::Synchronous ? ConsoleRing::kCapacity : console.ring.room();
  });
}

void console_drain() {
  locked([](Console& console) {
    if (console.owner.exists) return;
    for (unsigned count = 0; count < kConsoleDrainMaximum; ++count) {
      if (!transmit_one(console)) break;
    }
    if (console.ring.is_empty()) report_losses(console);
  });
}

bool console_pending() {
  return locked([](Console& console) { return !console.owner.exists && !console.ring.is_empty(); });
}

std::optional<base::SiloId> console_owner() {
  return locked([](Console& console) -> std::optional<base::SiloId> {
    if (!console.owner.exists) return std::nullopt;
    return console.owner.silo;
  });
}

void console_give_to(base::SiloId owner) {
  locked([owner](Console& console) {
    const std::uint64_t first = console.ring.first_position();
    console.owner = ConsoleOwner{true, owner, first, first, console.owner.lines_lost, port::now()};
  });
}

void console_forget_owner() {
  locked([](Console& console) {
    console.owner = {};
    console.is_strange = false;
  });
}

void console_owner_stopped(base::SiloId silo) {
  locked([silo](Console& console) {
    if (console.owner.exists && console.owner.silo == silo) take_back(console);
  });
}

base::Result<ConsoleText> console_read(std::uint64_t printed, std::span<char> buffer) {
  return locked([&](Console& console) -> base::Result<ConsoleText> {
    ConsoleRing& ring = console.ring;
    if (printed > console.owner.read_end) return base::Error::EINVAL;
    forget_printed(ring, printed);
    const std::uint64_t first = ring.first_position();
    ConsoleText text{printed > first ? printed : first, 0, console.owner.lines_lost};
    const std::uint64_t waiting = ring.end_position() - text.position;
    text.bytes = static_cast<std::uint32_t>(waiting < buffer.size() ? waiting : buffer.size());
    for (std::uint32_t i = 0; i < text.bytes; ++i) buffer[i] = ring.at(text.position + i);
    const std::uint64_t end = text.position + text.bytes;
    if (end > console.owner.read_end) console.owner.read_end = end;
    // What has come meanwhile is told anew.
    console.owner.told_end = end;
    console.owner.last_read = port::now();
    return text;
  });
}

void console_owner_told() {
  locked([](Console& console) { console.owner.told_end = console.ring.end_position(); });
}

bool console_is_readable() {
  return locked(
      [](Console& console) { return console.owner.exists && console.ring.end_position() > console.owner.read_end; });
}

std::uint32_t console_write_silo(std::string_view name, ConsoleLine& line, std::string_view bytes) {
  return locked([&](Console& console) {
    std::uint32_t taken = 0;
    for (const char character : bytes) {
      const bool is_newline = character == '\n';
      const bool ends_line = is_newline || line.is_full_before(character);
      if (ends_line && !emit_line(console, name, line, !is_newline, kReserve)) break;
      if (!is_newline) line.append(character);
      ++taken;
    }
    return taken;
  });
}

void console_finish_silo(std::string_view name, ConsoleLine& line) {
  if (line.is_empty()) return;
  locked([&](Console& console) {
    if (!emit_line(console, name, line, false, 0)) ++console.lines_lost;
    line.clear();
  });
}

}  // namespace kernel
