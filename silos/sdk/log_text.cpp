// SPDX-License-Identifier: Apache-2.0
#include "log_text.hpp"

#include <charconv>
#include <cmath>

namespace granary::detail {

namespace {

constexpr std::string_view word_of(LogLevel level) {
  switch (level) {
    case LogLevel::Error: return "error";
    case LogLevel::Warning: return "warning";
    case LogLevel::Info: return "info";
    case LogLevel::Debug: return "debug";
    case LogLevel::Trace: return "trace";
    case LogLevel::Off: break;
  }
  return "log";
}

constexpr std::uint64_t kPowersOfTen[] = {1,       10,        100,        1'000,       10'000,
                                          100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

}  // namespace

LogText::LogText(LogLevel level, std::string_view tag) {
  add(word_of(level));
  if (!tag.empty()) add(' ');
  add(tag);
  add(": ");
}

void LogText::add(char character) {
  if (used_ == GRANARY_LOG_LINE_MAXIMUM) {
    cut_ = true;
    return;
  }
  // A line feed would begin a line without a tag, which somebody else could have written.
  text_[used_++] = character == '\n' || character == '\r' ? ' ' : character;
}

void LogText::add_number(std::uint64_t number, unsigned base, bool negative) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number, static_cast<int>(base));
  if (negative) add('-');
  add(std::string_view(digits, static_cast<std::size_t>(end.ptr - digits)));
}

void LogText::add_real(double number, unsigned digits) {
  if (std::isnan(number)) return add("nan");
  if (std::signbit(number)) add('-');
  number = std::fabs(number);
  if (std::isinf(number)) return add("inf");
  unsigned exponent = 0;
  for (; number >= 1e9; number /= 10) ++exponent;  // digits beyond the ninth are of no use in a log
  const auto scaled = static_cast<std::uint64_t>(number * static_cast<double>(kPowersOfTen[digits]) + 0.5);
  add_number(scaled / kPowersOfTen[digits], 10);
  if (digits > 0) {
    add('.');
    const std::uint64_t rest = scaled % kPowersOfTen[digits];
    for (unsigned left = digits; left > 1 && rest < kPowersOfTen[left - 1]; --left) add('0');
    add_number(rest, 10);
  }
  if (exponent == 0) return;
  add('e');
  add_number(exponent, 10);
}

void LogText::add(const LogValue& value, std::string_view spec) {
  const auto as_signed = static_cast<std::int64_t>(value.word);
  switch (value.kind) {
    case LogValue::Kind::Boolean: add(value.word != 0 ? "true" : "false"); break;
    case LogValue::Kind::Character: add(static_cast<char>(value.word)); break;
    case LogValue::Kind::Text: add(std::string_view(value.text, value.word)); break;
    case LogValue::Kind::Real: add_real(value.real, spec.empty() ? 3 : static_cast<unsigned>(spec[2] - '0')); break;
    case LogValue::Kind::Address:
      add("0x");
      add_number(value.word, 16);
      break;
    case LogValue::Kind::Signed:
      if (spec.empty())
        add_number(as_signed < 0 ? 0 - value.word : value.word, 10, as_signed < 0);
      else
        add_number(value.word, 16);
      break;
    case LogValue::Kind::Unsigned: add_number(value.word, spec.empty() ? 10 : 16); break;
  }
  add(value.unit);
}

void LogText::add_all(std::string_view format, const LogValue* values) {
  for (std::size_t at = 0; at < format.size(); ++at) {
    const bool twice = format.substr(at, 2) == "{{" || format.substr(at, 2) == "}}";
    if (twice || format[at] != '{') {
      add(format[at]);
      if (twice) ++at;
      continue;
    }
    const std::size_t end = format.find('}', at);
    add(*values++, format.substr(at + 1, end - at - 1));
    at = end;
  }
}

std::string_view LogText::finish() {
  if (cut_)
    used_ =
        GRANARY_LOG_LINE_MAXIMUM - kCut.copy(text_ + GRANARY_LOG_LINE_MAXIMUM - kCut.size(), kCut.size()) + kCut.size();
  else if (used_ > 0 && text_[used_ - 1] == ' ')
    --used_;  // printf's habit: a line feed at the end of the text
  text_[used_++] = '\n';
  return {text_, used_};
}

}  // namespace granary::detail
