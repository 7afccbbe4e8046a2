// SPDX-License-Identifier: Apache-2.0
#include "test/sdk/console_world.hpp"

#include <new>

#include "console_output.hpp"
#include "granary/testing.hpp"

namespace {
sdk_host::FakeConsole* the_console = nullptr;
granary::detail::ConsoleOutput output;
bool turn_taken = false;
}  // namespace

namespace sdk_host {

Verdict verdict;

FakeConsole::FakeConsole() {
  the_console = this;
  ::new (&output) granary::detail::ConsoleOutput;
}
FakeConsole::~FakeConsole() { the_console = nullptr; }

granary::Result<std::uint64_t> FakeConsole::try_write(std::string_view text) {
  if (fails_with.number() != 0) return fails_with;
  std::uint64_t taken = 0;
  for (const char character : text.substr(0, 64)) {
    if (character == '\n' && room_for_lines == 0) break;
    unfinished += character;
    ++taken;
    if (character != '\n') continue;
    --room_for_lines;
    printed += std::exchange(unfinished, "");
  }
  if (taken == 0) return granary::kWouldBlock;
  return taken;
}

}  // namespace sdk_host

namespace granary::detail {

Result<std::uint64_t> console_try_write(std::string_view text) { return the_console->try_write(text); }
void pause_for_console() {
  EXPECT_FALSE(turn_taken) << "nobody waits while it is his turn";
  the_console->on_pause();
}
ConsoleOutput& console_output() { return output; }
void tell_verdict(std::uint64_t system, std::uint64_t status) { sdk_host::verdict = {system, status}; }
ConsoleTurn::ConsoleTurn() { EXPECT_FALSE(std::exchange(turn_taken, true)); }
ConsoleTurn::~ConsoleTurn() { turn_taken = false; }

}  // namespace granary::detail

void granary::testing::detail::pause() {}
