// SPDX-License-Identifier: Apache-2.0
//
// The way of characters to the console: granary::Console, and picolibc's stdout and stderr on top of it. Each thread
// has a buffer of its own for what one CONSOLE_WRITE carries (64 bytes), so threads need no lock and short lines of
// two threads do not mix. A full buffer or the end of a line is written; the kernel puts pieces together to lines.
#include <stdio.h>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "console_output.hpp"
#include "granary/granary.h"
#include "granary/granary.hpp"
#include "internal.hpp"

namespace {

using namespace std::chrono_literals;

struct Piece {
  std::uint32_t used;
  char bytes[GRANARY_CONSOLE_BYTES_MAXIMUM];
};
constinit thread_local Piece piece{};

/// How long to leave the console alone when it takes nothing more: its ring holds many lines, a serial line sends
/// some ten bytes.
constexpr auto kConsoleBusyPause = 1ms;

int put(char character, FILE*) {
  piece.bytes[piece.used++] = character;
  if (character == '\n' || piece.used == sizeof piece.bytes) granary::detail::flush_console();
  return static_cast<unsigned char>(character);
}
int flush(FILE*) {
  granary::detail::flush_console();
  return 0;
}
int get(FILE*) { return EOF; }

// picolibc's macro for this is C only: the order of the members is its.
constinit FILE output = {0, _FDEV_SETUP_WRITE, put, get, flush};
constinit FILE input = {0, _FDEV_SETUP_READ, put, get, flush};

}  // namespace

FILE* const stdin = &input;
FILE* const stdout = &output;
FILE* const stderr = &output;

namespace granary {

Result<std::uint64_t> Console::try_write(std::string_view text) const {
  std::uint64_t words[GRANARY_MESSAGE_WORDS] = {};
  const std::size_t length = std::min(text.size(), sizeof words);
  std::memcpy(words, text.data(), length);
  std::uint64_t taken;
  const granary_status status = granary_console_write(value(), length, words, &taken);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::CONSOLE_WRITE);
  return taken;
}

Result<void> Console::write(std::string_view text) const {
  while (!text.empty()) {
    const Result<std::uint64_t> taken = try_write(text);
    if (!taken.ok() && taken.error() != kWouldBlock) return taken.error();
    if (taken.ok()) text.remove_prefix(*taken);
    if (!taken.ok() || *taken == 0) sleep_for(kConsoleBusyPause);
  }
  return {};
}

void detail::print(std::string_view text) {
  for (const char character : text) put(character, nullptr);
}

// The turn is given back while it waits, so that a thread that logs never waits for the console.
void detail::flush_console() {
  std::string_view text(piece.bytes, piece.used);
  piece.used = 0;
  for (;; pause_for_console()) {
    const ConsoleTurn turn;
    ConsoleOutput& output = console_output();
    if (!output.is_free()) continue;
    output.put(std::exchange(text, {}));
    if (output.is_free()) return;
  }
}

// Without a console (handle 0) what is printed is dropped: nothing can be done about it here.
Result<std::uint64_t> detail::console_try_write(std::string_view text) {
  if (granary_console_handle == 0) return text.size();
  return Console(granary_console_handle).try_write(text);
}
void detail::pause_for_console() { sleep_for(kConsoleBusyPause); }
detail::ConsoleOutput& detail::console_output() {
  static constinit ConsoleOutput output;
  return output;
}

namespace {
constinit std::atomic<bool> turn_taken = false;
}
// The thread that has it may be of lower priority and on the same core: whoever waits sleeps.
detail::ConsoleTurn::ConsoleTurn() {
  // ORDERING: acquire, with the release below: what one prints stands behind what another has printed.
  while (turn_taken.exchange(true, std::memory_order_acquire)) sleep_for(50us);
}
detail::ConsoleTurn::~ConsoleTurn() { turn_taken.store(false, std::memory_order_release); }

}  // namespace granary
