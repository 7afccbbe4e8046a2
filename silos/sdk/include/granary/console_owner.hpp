// SPDX-License-Identifier: Apache-2.0
//
// For the silo that drives the console's UART itself (`owns_console = true` in the manifest): what the kernel and the
// silos print stays in the kernel until this silo has printed it.
//
//   handles::console.take(notification, kPrinted).value();      // takes one of the quota `bindings`
//   std::uint64_t printed = 0;                                  // position behind the last character transmitted
//   const ConsoleText text = handles::console.read(printed).value();
//   ... transmit text.bytes ...
//   printed = text.position + text.bytes.size();
#pragma once

#include "granary/batch.hpp"
#include "granary/notification.hpp"

namespace granary {

struct ConsoleText {
  std::string_view bytes;        ///< in the thread's message page, up to its next call that uses it
  std::uint64_t position = 0;    ///< of the first, counted since boot; a gap is lines lost
  std::uint64_t lines_lost = 0;  ///< since boot
};

/// From now on the kernel leaves the UART alone, and sets these bits when there is something to read. kBusy: another
/// silo has it; kQuotaExceeded.
inline Result<void> Console::take(const Notification& notification, std::uint64_t bits) const {
  return detail::checked(granary_console_take(value(), notification.value(), bits), SystemCall::CONSOLE_TAKE);
}

/// What comes behind `printed`; everything before is printed and need not be kept. kPeerGone: the kernel has taken the
/// UART back, or this silo has never taken it.
inline Result<ConsoleText> Console::read(std::uint64_t printed) const {
  granary_console_read_result raw;
  const granary_status status = granary_console_read(value(), printed, &raw);
  if (status != GRANARY_OK) return detail::error_of(status, SystemCall::CONSOLE_READ);
  std::uint64_t page = 0;
  granary_message_page(&page);
  // SAFETY: the kernel has just written so many bytes there, in the page of this thread.
  return ConsoleText{{reinterpret_cast<const char*>(page), raw.bytes}, raw.position_of_the_first, raw.lines_lost};
}

}  // namespace granary
