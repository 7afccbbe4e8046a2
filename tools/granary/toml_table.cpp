// SPDX-License-Identifier: Apache-2.0
//
// Reading keys with type and range (toml_table.hpp).
#include "tools/granary/toml_table.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tools/granary/manifest_keys.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

std::string type_text(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table: return "a table";
    case toml::node_type::array: return "an array";
    case toml::node_type::string: return "a string";
    case toml::node_type::integer: return "an integer";
    case toml::node_type::floating_point: return "a floating-point number";
    case toml::node_type::boolean: return "a boolean";
    case toml::node_type::date:
    case toml::node_type::time:
    case toml::node_type::date_time: return "a date or time";
    case toml::node_type::none: break;
  }
  return "nothing";
}

/// The entries of a table in the order of the file; toml++ keeps them by name.
std::vector<std::pair<const toml::key*, const toml::node*>> ordered(const toml::table& table) {
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (auto&& [key, node] : table) entries.emplace_back(&key, &node);
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) {
    const toml::source_position left = a.first->source().begin;
    const toml::source_position right = b.first->source().begin;
    return std::pair(left.line, left.column) < std::pair(right.line, right.column);
  });
  return entries;
}

}  // namespace

TomlTable::TomlTable(const toml::table& table, std::string what, std::string file, Diagnostics& diagnostics,
                     std::optional<std::string> path)
    : table_(table),
      what_(std::move(what)),
      file_(std::move(file)),
      at_(locate(table.source())),
      diagnostics_(diagnostics),
      path_(std::move(path)) {
  if (!path_) return;
  for (const ManifestKey& row : manifest_keys())
    if (row.table == rows_of(*path_)) known_.emplace_back(row.key);
}

Location TomlTable::locate(const toml::source_region& source) const {
  return Location{file_, static_cast<unsigned>(source.begin.line)};
}

Location TomlTable::at(std::string_view key) const {
  const auto entry = table_.find(key);
  return entry == table_.end() ? at_ : locate(entry->first.source());
}

const toml::node* TomlTable::find(std::string_view key, unsigned kind, std::uint64_t minimum, std::uint64_t maximum) {
  if (!path_) {
    known_.emplace_back(key);
    return table_.get(key);
  }
  const ManifestKey* const row = find_key(*path_, key);
  const bool has_range = (kind & (kIntegerKey | kSizeKey | kTimeKey)) != 0;
  if (row == nullptr || (row->kinds & kind) == 0 || (has_range && (row->minimum != minimum || row->maximum != maximum)))
    throw std::logic_error("manifest_keys.cpp has no row for `" + std::string(key) + "` of [" + *path_ +
                           "] with this type and range");
  note_read(*row);
  return table_.get(key);
}

std::optional<std::string> TomlTable::path_of(std::string_view key) const {
  if (!path_) return std::nullopt;
  return (path_->empty() ? "" : *path_ + ".") + std::string(key);
}

void TomlTable::wrong_type(const toml::node& node, const std::string& subject, std::string_view wanted,
                           std::string_view example) {
  diagnostics_.error(locate(node.source()),
                     subject + " of " + what_ + " is " + type_text(node) + ", not " + std::string(wanted),
                     "write it like this: " + std::string(example));
}

std::optional<std::string> TomlTable::string(std::string_view key, std::string_view example) {
  const toml::node* node = find(key, kStringKey);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<std::string>()) return value;
  wrong_type(*node, ticked(key), "a string", example);
  return std::nullopt;
}

std::optional<bool> TomlTable::boolean(std::string_view key) {
  const toml::node* node = find(key, kBooleanKey);
  if (node == nullptr) return std::nullopt;
  if (const auto value = node->value_exact<bool>()) return value;
  wrong_type(*node, ticked(key), "a boolean", std::string(key) + " = true");
  return std::nullopt;
}

std::optional<std::uint64_t> TomlTable::integer(std::string_view key, std::uint64_t minimum, std::uint64_t maximum) {
  const toml::node* node = find(key, kIntegerKey, minimum, maximum);
  if (node == nullptr) return std::nullopt;
  const auto value = node->value_exact<std::int64_t>();
  if (!value) {
    wrong_type(*node, ticked(key), "an integer", std::string(key) + " = " + std::to_string(minimum));
    return std::nullopt;
  }
  if (*value >= 0 && static_cast<std::uint64_t>(*value) >= minimum && static_cast<std::uint64_t>(*value) <= maximum)
    return static_cast<std::uint64_t>(*value);
  const std::string range = std::to_string(minimum) + " to " + std::to_string(maximum);
  diagnostics_.error(locate(node->source()),
                     ticked(key) + " of " + what_ + " is " + std::to_string(*value) + ", outside " + range,
                     "choose a number from " + range);
  return std::nullopt;
}

std::optional<std::uint64_t> TomlTable::size(std::string_view key, std::uint64_t minimum, std::uint64_t maximum) {
  const toml::node* node = find(key, kSizeKey, minimum, maximum);
  if (node == nullptr) return std::nullopt;
  const std::string example = std::string(key) + " = \"" + size_text(std::max(minimum, std::uint64_t{16 << 10})) + "\"";
  std::optional<std::uint64_t> bytes;
  if (const auto number = node->value_exact<std::int64_t>(); number && *number >= 0)
    bytes = static_cast<std::uint64_t>(*number);
  if (const auto text = node->value_exact<std::string>()) bytes = parse_size(*text);
  if (!bytes) {
    diagnostics_.error(locate(node->source()), ticked(key) + " of " + what_ + " is not a size",
                       "write a number of bytes, or a number with B, KiB or MiB: " + example);
    return std::nullopt;
  }
  if (*bytes < minimum || *bytes > maximum) {
    diagnostics_.error(locate(node->source()),
                       ticked(key) + " of " + what_ + " is " + size_text(*bytes) + ", outside " + size_text(minimum) +
                           " to " + size_text(maximum),
                       "choose a size in that range: " + example);
    return std::nullopt;
  }
  if (*bytes % kPageBytes != 0) {
    const std::uint64_t up = (*bytes / kPageBytes + 1) * kPageBytes;
    diagnostics_.error(locate(node->source()),
                       ticked(key) + " of " + what_ + " is " + size_text(*bytes) + ", not whole pages of 4 KiB",
                       "the next larger size is " + std::string(key) + " = \"" + size_text(up) + "\"");
    return std::nullopt;
  }
  return bytes;
}

std::optional<std::uint64_t> TomlTable::time(std::string_view key, std::uint64_t minimum, std::uint64_t maximum) {
  const toml::node* node = find(key, kTimeKey, minimum, maximum);
  if (node == nullptr) return std::nullopt;
  const std::string example = std::string(key) + " = \"10 ms\"";
  const auto text = node->value_exact<std::string>();
  const auto microseconds = text ? parse_time(*text) : std::nullopt;
  if (!microseconds) {
    diagnostics_.error(locate(node->source()), ticked(key) + " of " + what_ + " is not a time",
                       "write a whole number with us, ms or s: " + example);
    return std::nullopt;
  }
  if (*microseconds >= minimum && *microseconds <= maximum) return microseconds;
  const std::string range = time_text(minimum) + " to " + time_text(maximum);
  diagnostics_.error(locate(node->source()),
                     ticked(key) + " of " + what_ + " is " + time_text(*microseconds) + ", outside " + range,
                     "choose a time from " + range);
  return std::nullopt;
}

std::optional<std::vector<Reference>> TomlTable::strings(std::string_view key, std::string_view example, bool or_one) {
  const toml::node* node = find(key, kStringsKey);
  if (node == nullptr) return std::nullopt;
  std::vector<Reference> words;
  if (const auto one = node->value_exact<std::string>(); one && or_one) {
    words.push_back({*one, locate(node->source())});
    return words;
  }
  const toml::array* array = node->as_array();
  if (array == nullptr) {
    wrong_type(*node, ticked(key), or_one ? "a string or an array of strings" : "an array of strings", example);
    return std::nullopt;
  }
  for (const toml::node& element : *array) {
    if (const auto word = element.value_exact<std::string>()) {
      words.push_back({*word, locate(element.source())});
    } else {
      wrong_type(element, "an element of " + ticked(key), "a string", example);
      return std::nullopt;
    }
  }
  return words;
}

std::vector<std::pair<Reference, Reference>> TomlTable::pairs(std::string_view key, std::string_view example) {
  std::vector<std::pair<Reference, Reference>> found;
  const toml::node* node = find(key, kPairsKey);
  if (node == nullptr) return found;
  if (!node->is_table()) {
    wrong_type(*node, ticked(key), "a table", example);
    return found;
  }
  std::vector<std::pair<toml::source_position, std::pair<Reference, Reference>>> ordered;
  for (const auto& [name, value] : *node->as_table()) {
    const auto text = value.value_exact<std::string>();
    if (!text) {
      wrong_type(value, ticked(name.str()) + " in " + ticked(key), "a string", example);
      continue;
    }
    const Location at = locate(name.source());
    ordered.push_back({name.source().begin, {{std::string(name.str()), at}, {*text, at}}});
  }
  std::sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (auto& entry : ordered) found.push_back(std::move(entry.second));
  return found;
}

void TomlTable::table(std::string_view key, const std::string& what, const std::function<void(TomlTable&)>& use) {
  const toml::node* node = find(key, kTableKey);
  if (node == nullptr) return;
  if (!node->is_table()) return wrong_type(*node, ticked(key), "a table", std::string(key) + " = { ... }");
  TomlTable inner(*node->as_table(), what, file_, diagnostics_, path_of(key));
  use(inner);
  inner.refuse_unknown();
}

void TomlTable::tables(std::string_view key, const std::string& kind, const std::string& owner,
                       const std::function<void(const std::string& name, TomlTable&)>& use) {
  const toml::node* node = find(key, kTablesKey);
  if (node == nullptr) return;
  if (!node->is_table()) return wrong_type(*node, ticked(key), "tables", "[" + std::string(key) + ".name]");
  for (const auto& [name, entry] : ordered(*node->as_table())) {
    const std::string text(name->str());
    if (!entry->is_table()) {
      wrong_type(*entry, ticked(std::string(key) + "." + text), "a table", "[" + std::string(key) + ".name]");
      continue;
    }
    TomlTable inner(*entry->as_table(), kind + " " + ticked(text) + owner, file_, diagnostics_, path_of(key));
    if (inner.at_.line == 0) inner.at_ = locate(name->source());
    use(text, inner);
    inner.refuse_unknown();
  }
}

void TomlTable::array(std::string_view key, const std::string& kind, const std::string& owner,
                      const std::function<void(TomlTable&)>& use) {
  const toml::node* node = find(key, kArrayKey);
  if (node == nullptr) return;
  const toml::array* array = node->as_array();
  if (array == nullptr) return wrong_type(*node, ticked(key), "an array of tables", std::string(key) + " = [{ ... }]");
  std::size_t number = 0;
  for (const toml::node& element : *array) {
    const std::string what = kind + " " + std::to_string(++number) + owner;
    if (!element.is_table()) {
      wrong_type(element, ticked(key), "an array of tables", std::string(key) + " = [{ ... }]");
      continue;
    }
    TomlTable inner(*element.as_table(), what, file_, diagnostics_, path_of(key));
    if (inner.at_.line == 0) inner.at_ = locate(element.source());
    use(inner);
    inner.refuse_unknown();
  }
}

void TomlTable::refuse_unknown() {
  for (const auto& [key, node] : ordered(table_)) {
    const std::string text(key->str());
    if (std::find(known_.begin(), known_.end(), text) != known_.end()) continue;
    const auto explained = explained_.find(text);
    const auto meant = nearest(text, known_);
    diagnostics_.error(locate(key->source()), what_ + " has no key " + ticked(text),
                       explained != explained_.end() ? explained->second
                       : meant                       ? "did you mean " + ticked(*meant) + "?"
                                                     : "the keys are " + list(known_));
  }
}

}  // namespace tool
