// SPDX-License-Identifier: Apache-2.0
//
// The reference of a manifest's keys in docs/manifest.md, made of their table (manifest_keys.hpp).
#include "tools/granary/manifest_keys.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

std::string number_text(std::uint64_t number) {
  if (number == (std::uint64_t{1} << 63) - 1) return "2^63 - 1";
  if (number == 0xffff'ffff) return "2^32 - 1";
  if (number == 0x7fff'ffff) return "2^31 - 1";
  return std::to_string(number);
}

std::string range_of(const ManifestKey& row) {
  if (!row.range.empty()) return std::string(row.range);
  if ((row.kinds & kSizeKey) != 0) return size_text(row.minimum) + " to " + size_text(row.maximum);
  if ((row.kinds & kTimeKey) != 0) return time_text(row.minimum) + " to " + time_text(row.maximum);
  if ((row.kinds & kIntegerKey) != 0) return number_text(row.minimum) + " to " + number_text(row.maximum);
  return "";
}

}  // namespace

std::string reference_of(std::string_view table) {
  std::string text = "| key | type | default | range | meaning |\n|---|---|---|---|---|\n";
  for (const ManifestKey& row : manifest_keys()) {
    if (row.table != table) continue;
    const std::string range = range_of(row);
    text += "| `" + std::string(row.key) + "` | " + std::string(row.type) + " | " + std::string(row.fallback) +
            (row.fallback.empty() ? "| " : " | ") + range + (range.empty() ? "| " : " | ") + std::string(row.meaning) +
            " |\n";
  }
  return text;
}

std::string with_reference(const std::string& page) {
  static constexpr std::string_view kBegin = "<!-- keys of ", kBeginEnd = " -->\n", kEnd = "<!-- end of keys -->";
  std::string text;
  std::size_t from = 0;
  for (std::size_t at; (at = page.find(kBegin, from)) != std::string::npos;) {
    const std::size_t name = at + kBegin.size(), name_end = page.find(kBeginEnd, name);
    const std::size_t end = page.find(kEnd, at);
    if (name_end == std::string::npos || end == std::string::npos) break;
    std::string table = page.substr(name, name_end - name);
    text += page.substr(from, name_end + kBeginEnd.size() - from);
    text += reference_of(table == "the top" ? "" : table);
    from = end;
  }
  return text + page.substr(from);
}

}  // namespace tool
