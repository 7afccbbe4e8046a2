// SPDX-License-Identifier: Apache-2.0
//
// The console: see console.hpp. The state has a lock, which ranks last: whatever is held, printing may take it.
// A newline goes out as carriage return and newline; terminals on a serial line need both.
#include "kernel/console.hpp"

#include "kernel/base/guarded.hpp"
#include "kernel/console_line.hpp"
#include "kernel/port/console.hpp"

namespace kernel {

namespace {

constexpr std::uint32_t kReserve = 4096;  // of the ring, for kernel lines

struct Console {
  ConsoleMode mode = ConsoleMode::Synchronous;
  bool return_sent = false;  // for the newline at the front of the ring
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
  return guarded_console.with(held, [&](Console& console, auto) { return function(console); });
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

/// Transmits one character if there is one and the transmitter has room.
bool transmit_one(Console& console) {
  if (console.ring.is_empty() || !port::console_ready()) return false;
  const char next = console.ring.front();
  if (next == '\n' && !console.return_sent) {
    console.return_sent = true;
    port::console_transmit('\r');
    return true;
  }
  console.return_sent = false;
  console.ring.pop();
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

/// The kernel's line goes into the ring, or is lost as a whole.
void flush_kernel_line(Console& console) {
  const std::string_view text(console.line, console.line_length);
  console.line_length = 0;
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
  if (console.mode == ConsoleMode::Buffered && console.ring.room() < needed + reserve) return false;
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

void console_drain() {
  locked([](Console& console) {
    for (unsigned count = 0; count < kConsoleDrainMaximum; ++count) {
      if (!transmit_one(console)) break;
    }
    if (console.ring.is_empty()) report_losses(console);
  });
}

bool console_pending() {
  return locked([](Console& console) { return !console.ring.is_empty(); });
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
