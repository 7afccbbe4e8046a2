// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics: collecting and printing (diagnostics.hpp).
#include "tools/granary/diagnostics.hpp"

#include <algorithm>
#include <utility>

#include "tools/granary/json.hpp"

namespace tool {

void Diagnostics::error(const Location& where, std::string reason, std::string remedy) {
  entries_.push_back({where, true, std::move(reason), std::move(remedy)});
  ++errors_;
}

void Diagnostics::warning(const Location& where, std::string reason, std::string remedy) {
  entries_.push_back({where, false, std::move(reason), std::move(remedy)});
}

void Diagnostics::append(const Diagnostics& other) {
  entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end());
  errors_ += other.errors_;
}

std::vector<Diagnostics::Entry> Diagnostics::ordered() const {
  std::vector<Entry> ordered = entries_;
  std::stable_sort(ordered.begin(), ordered.end(), [](const Entry& a, const Entry& b) {
    return a.where.file == b.where.file && a.where.line < b.where.line;
  });
  return ordered;
}

void Diagnostics::print(std::ostream& out, bool in_colour) const {
  const auto coloured = [in_colour](const char* code, const char* word) {
    return in_colour ? std::string("\x1b[") + code + "m" + word + "\x1b[0m" : std::string(word);
  };
  const std::vector<Entry> entries = ordered();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    // One remedy for several defects of a file as a whole is said once, below the last of them.
    const Entry* const next = i + 1 < entries.size() ? &entries[i + 1] : nullptr;
    const bool is_said_below = next != nullptr && entry.where.line == 0 && next->where.line == 0 &&
                               next->where.file == entry.where.file && next->remedy == entry.remedy;
    out << entry.where.file;
    if (entry.where.line != 0) out << ':' << entry.where.line;
    out << ": " << (entry.is_error ? coloured("1;31", "error:") : coloured("1;35", "warning:")) << ' ' << entry.reason
        << '\n';
    if (!is_said_below) out << "  " << coloured("1", "remedy:") << ' ' << entry.remedy << '\n';
  }
}

std::string Diagnostics::json() const {
  Json json;
  json.open('{').pair("failed", failed()).open("diagnostics", '[');
  for (const Entry& entry : ordered())
    json.open('{')
        .pair("file", entry.where.file)
        .pair("line", entry.where.line)
        .pair("severity", entry.is_error ? "error" : "warning")
        .pair("reason", entry.reason)
        .pair("remedy", entry.remedy)
        .close('}');
  return json.close(']').close('}').text() + "\n";
}

}  // namespace tool
