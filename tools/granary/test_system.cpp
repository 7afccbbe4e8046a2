// SPDX-License-Identifier: Apache-2.0
//
// The system of a test that puts a program of its own into the place of a silo (`replace`): a copy of the manifest with
// that program, which gives the verdict; everything else is as it is, so the program has the silo's handles.
#include <fstream>

#include "tools/granary/system_tests.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

/// The copy lies elsewhere: a path that was relative to the manifest is made absolute.
void make_absolute(toml::node& path, const fs::path& folder) {
  if (toml::array* const several = path.as_array())
    for (toml::node& one : *several) make_absolute(one, folder);
  if (toml::value<std::string>* const one = path.as_string()) *one = fs::absolute(folder / one->get()).string();
}

}  // namespace

std::filesystem::path write_test_system(const SystemTest& test, const fs::path& folder, Diagnostics& diagnostics) {
  const fs::path manifest = folder / test.system;
  if (test.replace.empty()) return manifest;
  std::optional<toml::table> root = parse_toml(manifest.string(), diagnostics);
  if (!root) return {};
  toml::table* const silos = (*root)["silo"].as_table();
  for (const Replacement& replacement : test.replace) {
    toml::table* const silo = silos == nullptr ? nullptr : (*silos)[replacement.silo.name].as_table();
    if (silo == nullptr) {
      diagnostics.error(replacement.silo.at,
                        "test " + ticked(test.name) + " replaces the silo " + ticked(replacement.silo.name) +
                            ", and there is none in " + test.system,
                        "name a silo of the manifest: replace = { thermometer = \"window_test.cpp\" }");
      return {};
    }
    silo->insert_or_assign("program", replacement.program);
  }
  for (auto&& [name, node] : *silos) {
    toml::table* const silo = node.as_table();
    if (silo == nullptr) continue;
    if (toml::node* const program = silo->get("program")) make_absolute(*program, manifest.parent_path());
    silo->erase("verdict");
    if (name.str() == test.replace.front().silo.name) silo->insert_or_assign("verdict", true);
  }
  const fs::path file = manifest.parent_path() / "build" / "tests" / test.name / "system.toml";
  std::error_code failure;
  fs::create_directories(file.parent_path(), failure);
  std::ofstream text(file);
  if (!(text << *root << '\n'))
    diagnostics.error({file.string(), 0}, "this file cannot be written", "give the folder to its owner");
  return file;
}

}  // namespace tool
