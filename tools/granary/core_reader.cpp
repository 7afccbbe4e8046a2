// SPDX-License-Identifier: Apache-2.0
//
// See core_reader.hpp. The log is input: numbers are bounded before anything is made of them.
#include "tools/granary/core_reader.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "ipc/abi/abi.hpp"
#include "tools/granary/crc32.hpp"
#include "tools/granary/symbolize.hpp"

namespace tool {

namespace {

namespace text = abi::core_text;
using text::Kind;

/// No silo has more (the kernel's images lie below 1 GiB).
constexpr std::uint64_t kRegionMaximum = std::uint64_t{1} << 30;
/// More lines than all of a silo's memory would be.
constexpr std::uint32_t kLinesMaximum = 1'000'000;

/// Takes the word before the next blank off the front of `rest`.
std::string_view next_word(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(' '), rest.size());
  const std::string_view word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

template <typename Number>
bool parse(std::string_view word, int base, Number& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number, base);
  return error == std::errc{} && end == word.data() + word.size() && !word.empty();
}

int digit_of(char character) {
  if (character >= 'A' && character <= 'Z') return character - 'A';
  if (character >= 'a' && character <= 'z') return character - 'a' + 26;
  if (character >= '0' && character <= '9') return character - '0' + 52;
  if (character == '+') return 62;
  return character == '/' ? 63 : -1;
}

std::optional<std::vector<std::uint8_t>> from_base64(std::string_view word) {
  std::vector<std::uint8_t> bytes;
  if (word == "-") return bytes;
  if (word.size() % 4 != 0) return {};
  while (word.ends_with('=')) word.remove_suffix(1);
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char character : word) {
    const int digit = digit_of(character);
    if (digit < 0) return {};
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes.push_back(static_cast<std::uint8_t>(bits >> count));
  }
  return bytes;
}

/// The structure at the beginning of the data, and the name behind it.
template <typename Record>
bool take_named(const std::vector<std::uint8_t>& data, Record& record, std::string& name) {
  if (data.size() < sizeof record) return false;
  std::memcpy(&record, data.data(), sizeof record);
  name.assign(data.begin() + sizeof record, data.end());
  return true;
}

void take_thread(CoreDump& dump, std::uint64_t address, const std::vector<std::uint8_t>& data) {
  const std::uint64_t index = address / text::kThreadStride, offset = address % text::kThreadStride;
  if (index >= dump.threads.size() || offset + data.size() > sizeof(text::ThreadRecord)) return;
  std::memcpy(reinterpret_cast<std::uint8_t*>(&dump.threads[index]) + offset, data.data(), data.size());
}

void take_region(CoreDump& dump, std::uint64_t address, const std::vector<std::uint8_t>& data) {
  text::RegionRecord record;
  CoreRegion region;
  if (!take_named(data, record, region.name) || record.bytes > kRegionMaximum) return;
  region.start = address;
  region.bytes = record.bytes;
  region.access = static_cast<unsigned>(record.access & 7);
  region.is_told = record.told != 0;
  dump.regions.push_back(region);
}

}  // namespace

std::uint64_t CoreDump::told_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [address, piece] : memory) bytes += piece.size();
  return bytes;
}

std::string CoreDump::missing_in_words() const {
  std::string words;
  for (auto next = missing.begin(); next != missing.end();) {
    const std::uint32_t first = *next;
    std::uint32_t last = first;
    while (++next != missing.end() && *next == last + 1) last = *next;
    words += (words.empty() ? "" : ", ") + std::to_string(first);
    if (last != first) words += " to " + std::to_string(last);
  }
  return words;
}

CoreReader::Raw& CoreReader::raw_of(std::uint32_t number, std::uint32_t line_number, const Line& line) {
  Raw* newest = nullptr;
  for (Raw& raw : raws_) {
    if (raw.number == number) newest = &raw;
  }
  // Numbers begin anew with each boot: a line that says something else than before, or a beginning behind an end, is of
  // the next one.
  if (newest != nullptr) {
    const auto before = newest->lines.find(line_number);
    const bool differs = before != newest->lines.end() && !(before->second == line);
    const bool has_end = !newest->lines.empty() && newest->lines.rbegin()->second.kind == static_cast<char>(Kind::End);
    if (!differs && !(line.kind == static_cast<char>(Kind::Begin) && has_end)) return *newest;
  }
  raws_.push_back(Raw{number, {}});
  return raws_.back();
}

void CoreReader::take(std::string_view whole) {
  ++line_number_;
  std::string_view rest = console_text(whole);
  constexpr std::string_view kPrefix = text::kPrefix;
  if (!rest.starts_with(kPrefix)) return;
  rest.remove_prefix(kPrefix.size());
  const std::string_view body = rest.substr(0, std::min(rest.rfind(' '), rest.size()));
  const std::string_view numbers = next_word(rest), kind = next_word(rest), address = next_word(rest),
                         data = next_word(rest), checksum = next_word(rest);
  std::uint32_t dump = 0, line_number = 0, crc = 0;
  Line line{kind.empty() ? '\0' : kind[0], 0, {}};
  const std::size_t dot = std::min(numbers.find('.'), numbers.size());
  const auto bytes = from_base64(data);
  const bool is_well_formed = parse(numbers.substr(0, dot), 10, dump) &&
                              parse(numbers.substr(std::min(dot + 1, numbers.size())), 10, line_number) &&
                              line_number < kLinesMaximum && kind.size() == 1 && parse(address, 16, line.address) &&
                              bytes && parse(checksum, 16, crc) && rest.empty();
  const auto* const characters = reinterpret_cast<const std::uint8_t*>(body.data());
  if (!is_well_formed || crc32({characters, body.size()}) != crc) {
    damaged_.push_back(line_number_);
    return;
  }
  line.data = *bytes;
  raw_of(dump, line_number, line).lines.emplace(line_number, line);
}

std::vector<CoreDump> CoreReader::finish() {
  std::vector<CoreDump> dumps;
  for (const Raw& raw : raws_) {
    const auto begin = raw.lines.find(0);
    CoreDump dump;
    dump.number = raw.number;
    if (begin == raw.lines.end() || begin->second.kind != static_cast<char>(Kind::Begin) ||
        begin->second.address != text::kVersion || !take_named(begin->second.data, dump.header, dump.program) ||
        dump.header.threads > abi::kThreadsMaximum)
      continue;
    dump.silo = dump.program.substr(0, dump.program.find('/'));
    dump.threads.resize(dump.header.threads);
    for (const auto& [number, line] : raw.lines) {
      dump.lines = number + 1;
      switch (static_cast<Kind>(line.kind)) {
        case Kind::Begin: break;
        case Kind::Thread: take_thread(dump, line.address, line.data); break;
        case Kind::Region: take_region(dump, line.address, line.data); break;
        case Kind::Memory: dump.memory[line.address] = line.data; break;
        case Kind::End: dump.has_end = true; break;
      }
    }
    for (std::uint32_t number = 0; number < dump.lines; ++number) {
      if (!raw.lines.contains(number)) dump.missing.insert(number);
    }
    std::sort(dump.regions.begin(), dump.regions.end(),
              [](const CoreRegion& one, const CoreRegion& other) { return one.start < other.start; });
    dumps.push_back(std::move(dump));
  }
  return dumps;
}

}  // namespace tool
