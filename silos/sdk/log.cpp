// SPDX-License-Identifier: Apache-2.0
//
// The way of the log's lines to the console, which is never waited for: what finds the end of an earlier line still
// kept back is dropped. INVARIANT: `untold` of the lines that were dropped no line has told of yet.
#include "granary/log.h"

#include <stdarg.h>
#include <stdio.h>

#include <algorithm>
#include <atomic>

#include "console_output.hpp"
#include "internal.hpp"
#include "log_text.hpp"

namespace {

constinit std::atomic<int> threshold = GRANARY_LOG_INFO;
constinit std::atomic<std::uint64_t> dropped = 0, untold = 0;

using granary::LogLevel;
using granary::detail::LogText;

LogText told(std::uint64_t lines) {
  LogText text(LogLevel::Warning, "log");
  text.add_number(lines, 10);
  text.add(lines == 1 ? " line was dropped: the console was busy" : " lines were dropped: the console was busy");
  return text;
}

void print_line(std::string_view line) {
  const granary::detail::ConsoleTurn turn;
  granary::detail::ConsoleOutput& output = granary::detail::console_output();
  if (untold != 0 && output.is_free()) output.put_line(told(untold.exchange(0)).finish());
  if (output.is_free()) return output.put_line(line);
  ++dropped;
  ++untold;
}

}  // namespace

void granary::detail::log_line(LogLevel level, std::string_view tag, std::string_view format, const LogValue* values) {
  LogText text(level, tag);
  text.add_all(format, values);
  print_line(text.finish());
}

void granary::detail::finish_log() {
  for (;; pause_for_console()) {
    const ConsoleTurn turn;
    if (!console_output().is_free()) continue;
    if (untold == 0) return;
    console_output().put_line(told(untold.exchange(0)).finish());
  }
}

extern "C" {

void granary_log_set_level(int level) { threshold = std::clamp(level, GRANARY_LOG_OFF, GRANARY_LOG_TRACE); }
int granary_log_level(void) { return threshold; }
std::uint64_t granary_log_dropped(void) { return dropped; }

void granary_log_line(int level, const char* tag, const char* format, ...) {
  if (level > threshold) return;
  char formatted[GRANARY_LOG_LINE_MAXIMUM + 2];  // one more than a line, so that it is seen to be too long
  va_list arguments;
  va_start(arguments, format);
  const int length = vsnprintf(formatted, sizeof formatted, format, arguments);
  va_end(arguments);
  LogText text(static_cast<LogLevel>(level), tag);
  text.add(std::string_view(
      formatted, std::min<std::size_t>(static_cast<std::size_t>(std::max(length, 0)), sizeof formatted - 1)));
  print_line(text.finish());
}

}  // extern "C"
