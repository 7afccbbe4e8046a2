// SPDX-License-Identifier: Apache-2.0
//
// Diagnostics: collecting and printing (diagnostics.hpp).
#include "tools/granary/diagnostics.hpp"

#include <algorithm>
#include <utility>

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

void Diagnostics::print(std::ostream& out) const {
  std::vector<Entry> ordered = entries_;
  std::stable_sort(ordered.begin(), ordered.end(), [](const Entry& a, const Entry& b) {
    return a.where.file == b.where.file && a.where.line < b.where.line;
  });
  for (const Entry& entry : ordered) {
    out << entry.where.file;
    if (entry.where.line != 0) out << ':' << entry.where.line;
    out << (entry.is_error ? ": error: " : ": warning: ") << entry.reason << "\n  remedy: " << entry.remedy << '\n';
  }
}

}  // namespace tool
