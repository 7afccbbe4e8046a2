// SPDX-License-Identifier: Apache-2.0
//
// What the SDK's own files share and programs do not see.
#pragma once

#include <string_view>

#include "granary/result.hpp"

namespace granary::detail {

/// As many bytes as the console takes, at most 64, not waiting; kWouldBlock if none. All, if the silo has no console.
Result<std::uint64_t> console_try_write(std::string_view text);
/// How long to leave the console alone when it takes nothing more.
void pause_for_console();
/// While there is one, no other thread of the silo writes to the console.
class ConsoleTurn {
 public:
  ConsoleTurn();
  ~ConsoleTurn();
  ConsoleTurn(const ConsoleTurn&) = delete;
  ConsoleTurn& operator=(const ConsoleTurn&) = delete;
};
/// The end of the silo: says how many lines the log has dropped, if nobody has been told.
void finish_log();

/// SYSTEM_VERDICT. Whatever has been printed is out before.
void tell_verdict(std::uint64_t system, std::uint64_t status);

/// WAIT_ANY; and a sleep until a tick of the counter. (Here, so that the host's tests can put others in their place.)
Result<std::uint64_t> wait_for_any(unsigned count, const std::uint64_t* places, std::uint64_t deadline);
void sleep_until_tick(std::uint64_t tick);

/// Adds to the calling thread's line, as printf does; complete lines go to the console.
void print(std::string_view text);
/// Hands what the calling thread has printed of an unfinished line to the console.
void flush_console();

}  // namespace granary::detail
