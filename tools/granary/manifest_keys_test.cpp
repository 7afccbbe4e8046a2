// SPDX-License-Identifier: Apache-2.0
//
// The table of keys: each row is read by the reader and by nobody else, and docs/manifest.md says what it says.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/manifest_keys.hpp"
#include "tools/granary/tests/refusal.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

const std::filesystem::path kPage = test::samples("../../../docs/manifest.md");

TEST(ManifestKeys, each_row_is_read) {
  for (const auto& file : test::sample_files("accepted")) {
    Diagnostics diagnostics;
    test::load(file, diagnostics);
  }
  EXPECT_EQ(never_read(), "");
}

TEST(ManifestKeys, each_key_is_there_once_and_has_a_sentence) {
  for (const ManifestKey& row : manifest_keys()) {
    EXPECT_EQ(find_key(row.table, row.key), &row) << row.table << "." << row.key;
    EXPECT_FALSE(row.meaning.empty()) << row.table << "." << row.key;
    EXPECT_FALSE(row.type.empty()) << row.table << "." << row.key;
  }
}

TEST(ManifestKeys, the_page_has_all_of_them_up_to_date) {
  const std::string page = test::text_of(kPage);
  EXPECT_TRUE(with_reference(page) == page) << "build/tools/granary manifest-reference --page docs/manifest.md";
  for (const ManifestKey& row : manifest_keys()) {
    if (row.table == "by board") continue;
    const std::string table(row.table.empty() ? "the top" : row.table);
    EXPECT_NE(page.find("<!-- keys of " + table + " -->\n"), page.npos) << "the page leaves out " << table;
  }
}

TEST(ManifestKeys, the_reader_reads_no_key_without_its_row) {
  Diagnostics diagnostics;
  const toml::table text = toml::parse("priority = 3\nnews = true");
  TomlTable silo(text, "silo `a`", "x.toml", diagnostics, "silo");
  EXPECT_EQ(silo.integer("priority", 0, 63), 3U);
  EXPECT_THROW(silo.boolean("news"), std::logic_error) << "no row";
  EXPECT_THROW(silo.integer("priority", 0, 64), std::logic_error) << "the row says another range";
  EXPECT_THROW(silo.string("priority", ""), std::logic_error) << "the row says another type";
}

}  // namespace
}  // namespace tool
