// SPDX-License-Identifier: Apache-2.0
//
// TomlTable: one table of a manifest, read key by key with type and range; whatever is asked for is a known key, and
// refuse_unknown() refuses the others. Every refusal names the table, the key and the line.
// Included by the reader only, so that toml++ is compiled in few places.
#pragma once

// toml++ asserts what some malformed files violate (3.3: `[=a]`); those are errors of the file, not of the program.
namespace tool {
struct TomlStopped {};
[[noreturn]] inline void stop_parsing() { throw TomlStopped{}; }
}  // namespace tool
#define TOML_ASSERT(condition) (static_cast<bool>(condition) ? static_cast<void>(0) : tool::stop_parsing())
#include <toml++/toml.h>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

/// The file's root table; nothing, with a diagnostic that names the line, if it is not TOML.
std::optional<toml::table> parse_toml(const std::string& file, Diagnostics& diagnostics);

class TomlTable {
 public:
  /// `what` is how sentences call it: "silo `sensor`". With a `path` its keys are those of the manifest
  /// (manifest_keys.hpp), and so are those of the tables in it: "" for the root.
  TomlTable(const toml::table& table, std::string what, std::string file, Diagnostics& diagnostics,
            std::optional<std::string> path = std::nullopt);

  /// Each gives nothing if the key is not there or is refused. `example` goes into the remedy: "priority = 16".
  std::optional<std::string> string(std::string_view key, std::string_view example);
  std::optional<bool> boolean(std::string_view key);
  std::optional<std::uint64_t> integer(std::string_view key, std::uint64_t minimum, std::uint64_t maximum);
  /// Bytes, as "16 KiB" or a number; a multiple of the page size.
  std::optional<std::uint64_t> size(std::string_view key, std::uint64_t minimum, std::uint64_t maximum);
  /// Microseconds, as "2 ms".
  std::optional<std::uint64_t> time(std::string_view key, std::uint64_t minimum, std::uint64_t maximum);
  /// An array of strings; one string counts as an array of one if `or_one`.
  std::optional<std::vector<Reference>> strings(std::string_view key, std::string_view example, bool or_one = false);

  /// A table of strings, in the order of the file: each name and what is said of it.
  std::vector<std::pair<Reference, Reference>> pairs(std::string_view key, std::string_view example);

  /// Calls `use` with the table under `key`, if there is one.
  void table(std::string_view key, const std::string& what, const std::function<void(TomlTable&)>& use);
  /// Calls `use` for each table under `key`, in the order of the file: `[silo.a]`, `[silo.b]`. A sentence calls
  /// them KIND `NAME` OWNER: "thread `worker`" and " of silo `a`".
  void tables(std::string_view key, const std::string& kind, const std::string& owner,
              const std::function<void(const std::string& name, TomlTable&)>& use);

  /// Calls `use` for each table of the array under `key`; a sentence calls them KIND NUMBER OWNER: "window 1".
  void array(std::string_view key, const std::string& kind, const std::string& owner,
             const std::function<void(TomlTable&)>& use);

  bool has(std::string_view key) const { return table_.contains(key); }
  bool is_table(std::string_view key) const { return table_[key].is_table(); }
  /// Where the key stands; the table itself if the key is not there.
  Location at(std::string_view key) const;
  Location at() const { return at_; }
  const std::string& what() const { return what_; }
  Diagnostics& diagnostics() { return diagnostics_; }

  /// The remedy for a key that is not known here, but that one might expect.
  void explain(std::string_view key, std::string remedy) { explained_.emplace(key, std::move(remedy)); }
  /// Call last.
  void refuse_unknown();

 private:
  /// Each key that is asked for, and how it may be written, is in the table of keys: a defect of this tool otherwise.
  const toml::node* find(std::string_view key, unsigned kind, std::uint64_t minimum = 0, std::uint64_t maximum = 0);
  std::optional<std::string> path_of(std::string_view key) const;
  void wrong_type(const toml::node& node, const std::string& subject, std::string_view wanted,
                  std::string_view example);
  Location locate(const toml::source_region& source) const;

  const toml::table& table_;
  std::string what_;
  std::string file_;
  Location at_;
  Diagnostics& diagnostics_;
  std::optional<std::string> path_;
  std::vector<std::string> known_;
  std::map<std::string, std::string, std::less<>> explained_;
};

}  // namespace tool
