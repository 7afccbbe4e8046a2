// SPDX-License-Identifier: Apache-2.0
//
// Log: a log with levels and tags (granary/log.h says where it goes and what is never silent), with formats that the
// compiler checks against the types of what is printed.
//
//   constexpr Log log{"window"};                        // Log<LogLevel::Info> log{"window"}: less is not compiled
//   log.warning("{} degrees, register {:x}", celsius, word);
//   log.error("no answer: {}", answer.error());
//   set_log_level(LogLevel::Debug);                     // while the silo runs; Info if nothing is said
//
// A place is {}; {:x} is a number in hexadecimal, {:.2} a floating-point number with two digits (3 if nothing is said);
// {{ and }} are the braces themselves. Integers, bool, char, strings, floating point, pointers, enumerations, durations
// and errors can be printed. The stack that a line takes is some 500 bytes, without printf.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "granary/log.h"
#include "granary/result.hpp"

namespace granary {

enum class LogLevel : int {
  Off = GRANARY_LOG_OFF,
  Error = GRANARY_LOG_ERROR,
  Warning = GRANARY_LOG_WARNING,
  Info = GRANARY_LOG_INFO,
  Debug = GRANARY_LOG_DEBUG,
  Trace = GRANARY_LOG_TRACE,
};

/// The threshold while the silo runs, for all its threads.
inline void set_log_level(LogLevel level) { granary_log_set_level(static_cast<int>(level)); }
inline LogLevel log_level() { return static_cast<LogLevel>(granary_log_level()); }
/// Lines that were dropped so far, as the console had no room.
inline std::uint64_t log_dropped() { return granary_log_dropped(); }

namespace detail {

/// What can be printed, and how.
struct LogValue {
  enum class Kind : std::uint8_t { Signed, Unsigned, Boolean, Character, Text, Address, Real };

  constexpr LogValue(bool value) : kind(Kind::Boolean), word(value ? 1 : 0) {}
  constexpr LogValue(char value) : kind(Kind::Character), word(static_cast<unsigned char>(value)) {}
  template <std::signed_integral T>
  constexpr LogValue(T value) : kind(Kind::Signed), word(static_cast<std::uint64_t>(std::int64_t{value})) {}
  template <std::unsigned_integral T>
  constexpr LogValue(T value) : kind(Kind::Unsigned), word(value) {}
  template <std::floating_point T>
  constexpr LogValue(T value) : kind(Kind::Real), real(static_cast<double>(value)) {}
  template <typename T>
  requires std::is_enum_v<T>
  constexpr LogValue(T value) : LogValue(static_cast<std::underlying_type_t<T>>(value)) {}
  constexpr LogValue(std::string_view value) : kind(Kind::Text), word(value.size()), text(value.data()) {}
  constexpr LogValue(const char* value)
      : LogValue(value == nullptr ? std::string_view("(null)") : std::string_view(value)) {}
  constexpr LogValue(Error value) : LogValue(value.name()) {}
  LogValue(const void* value) : kind(Kind::Address), word(reinterpret_cast<std::uintptr_t>(value)) {}  // only printed
  template <typename Rep, typename Period>
  constexpr LogValue(std::chrono::duration<Rep, Period> value) : LogValue(value.count()) {
    unit = unit_of<Period>();
  }

  Kind kind;
  std::uint64_t word = 0;  ///< of Text: how long it is
  double real = 0;
  const char* text = nullptr;  ///< of Text
  std::string_view unit{};     ///< printed behind it

 private:
  template <typename Period>
  static constexpr std::string_view unit_of() {
    if constexpr (std::ratio_equal_v<Period, std::nano>)
      return "ns";
    else if constexpr (std::ratio_equal_v<Period, std::micro>)
      return "us";
    else if constexpr (std::ratio_equal_v<Period, std::milli>)
      return "ms";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<1>>)
      return "s";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<60>>)
      return "min";
    else if constexpr (std::ratio_equal_v<Period, std::ratio<3600>>)
      return "h";
    else
      static_assert(sizeof(Period) == 0, "a duration is printed in ns, us, ms, s, min or h: convert it");
  }
};

template <typename T>
inline constexpr bool log_number = std::is_integral_v<std::remove_cvref_t<T>> || std::is_enum_v<std::remove_cvref_t<T>>;

// Called where a format is wrong, and not constexpr: the compiler's message names the one that was called.
void the_format_has_more_places_than_there_are_values();
void there_are_more_values_than_the_format_has_places();
void a_brace_of_the_format_has_no_other_one();
void what_stands_in_the_braces_is_not_known_for_that_value();

/// A format whose places fit the values: otherwise it does not compile.
template <typename... Values>
struct LogFormat {
  consteval LogFormat(const char* format) : text(format) {
    constexpr bool number[] = {log_number<Values>..., false};
    constexpr bool real[] = {std::is_floating_point_v<std::remove_cvref_t<Values>>..., false};
    std::size_t place = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      if (text[at] == '}' && text.substr(at, 2) != "}}") a_brace_of_the_format_has_no_other_one();
      if (text.substr(at, 2) == "}}" || text.substr(at, 2) == "{{") {
        ++at;
        continue;
      }
      if (text[at] != '{') continue;
      const std::size_t end = text.find('}', at);
      if (end == text.npos) a_brace_of_the_format_has_no_other_one();
      if (place == sizeof...(Values)) the_format_has_more_places_than_there_are_values();
      const std::string_view inside = text.substr(at + 1, end - at - 1);
      const bool digits = inside.size() == 3 && inside.starts_with(":.") && inside[2] >= '0' && inside[2] <= '9';
      if (!inside.empty() && !(inside == ":x" && number[place]) && !(digits && real[place]))
        what_stands_in_the_braces_is_not_known_for_that_value();
      ++place;
      at = end;
    }
    if (place < sizeof...(Values)) there_are_more_values_than_the_format_has_places();
  }
  std::string_view text;
};

/// One line, whose format fits its values.
void log_line(LogLevel level, std::string_view tag, std::string_view format, const LogValue* values);

}  // namespace detail

/// A name for a part of a program, before each of its lines. Levels less urgent than `Compiled` cost nothing at all.
template <LogLevel Compiled = static_cast<LogLevel>(GRANARY_LOG_LEVEL)>
class Log {
 public:
  constexpr explicit Log(std::string_view tag) : tag_(tag) {}

  template <typename... Values>
  void error(detail::LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    at<LogLevel::Error>(format.text, values...);
  }
  template <typename... Values>
  void warning(detail::LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    at<LogLevel::Warning>(format.text, values...);
  }
  template <typename... Values>
  void info(detail::LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    at<LogLevel::Info>(format.text, values...);
  }
  template <typename... Values>
  void debug(detail::LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    at<LogLevel::Debug>(format.text, values...);
  }
  template <typename... Values>
  void trace(detail::LogFormat<std::type_identity_t<Values>...> format, const Values&... values) const {
    at<LogLevel::Trace>(format.text, values...);
  }

 private:
  template <LogLevel Level, typename... Values>
  void at(std::string_view format, const Values&... values) const {
    if constexpr (Level <= Compiled) {
      if (Level > log_level()) return;
      const detail::LogValue all[] = {detail::LogValue(values)..., false};
      detail::log_line(Level, tag_, format, all);
    }
  }
  std::string_view tag_;
};
Log(const char*)->Log<>;

}  // namespace granary
