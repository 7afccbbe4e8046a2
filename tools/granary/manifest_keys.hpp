// SPDX-License-Identifier: Apache-2.0
//
// The one table of the keys that a manifest may have: type, range, default and a sentence for each. The reader looks
// each key up here before it reads it, with the type and range that it is about to insist on, so a key cannot exist
// without its row, nor a row say something else than the reader does. "Did you mean" and the reference in
// docs/manifest.md (`granary manifest-reference`) are made of it too.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tool {

/// How a key can be written; several bits if in several ways.
enum KeyKind : unsigned {
  kStringKey = 1,
  kBooleanKey = 2,
  kIntegerKey = 4,
  kSizeKey = 8,
  kTimeKey = 16,
  kStringsKey = 32,
  kTableKey = 64,    ///< one table with keys of its own
  kTablesKey = 128,  ///< a table of tables, whose names are the user's
  kArrayKey = 256,   ///< an array of tables
  kPairsKey = 512,   ///< a table whose names are the user's
};

struct ManifestKey {
  std::string_view table;  ///< "" at the top; "silo", "silo.threads"
  std::string_view key;
  unsigned kinds;
  std::string_view type;           ///< in words
  std::string_view fallback;       ///< Markdown; what holds if nothing is said
  std::uint64_t minimum, maximum;  ///< of an integer, size or time
  std::string_view range;          ///< in words, if the numbers do not say it
  std::string_view meaning;        ///< Markdown
};

std::span<const ManifestKey> manifest_keys();
/// Tables that have the same keys share their rows: of messages, and of what differs by board.
std::string_view rows_of(std::string_view table);
/// Null: there is no such key.
const ManifestKey* find_key(std::string_view table, std::string_view key);
/// The reader says that it has read the key; and those that it never has, for the test that there are none.
void note_read(const ManifestKey& row);
std::string never_read();
/// The table of Markdown with the keys of one table.
std::string reference_of(std::string_view table);
/// The page with each part between `<!-- keys of TABLE -->` and `<!-- end of keys -->` made anew.
std::string with_reference(const std::string& page);

}  // namespace tool
