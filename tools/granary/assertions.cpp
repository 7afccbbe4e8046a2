// SPDX-License-Identifier: Apache-2.0
//
// Reading and checking `[assert]` (assertions.hpp).
#include "tools/granary/assertions.hpp"

#include <algorithm>
#include <set>

#include "tools/granary/reach.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

std::string trimmed(std::string word) {
  word.erase(0, std::min(word.find_first_not_of(' '), word.size()));
  word.erase(word.find_last_not_of(' ') + 1);
  return word;
}

void read_list(Manifest& manifest, TomlTable& table, const char* key, bool deny) {
  const std::string example = std::string(key) + " = [\"net -> keys\"]";
  for (const Reference& text : table.strings(key, example, true).value_or(std::vector<Reference>{})) {
    const std::size_t at = text.name.find("->");
    if (at == std::string::npos || text.name.find("->", at + 2) != std::string::npos) {
      table.diagnostics().error(text.at, "the assertion `" + text.name + "` does not say who and what",
                                "write \"net -> keys\": a silo, and a silo, object or device");
      continue;
    }
    manifest.assertions.push_back(
        {deny, {trimmed(text.name.substr(0, at)), text.at}, {trimmed(text.name.substr(at + 2)), text.at}});
  }
}

class Checker {
 public:
  Checker(const Manifest& manifest, Diagnostics& diagnostics)
      : manifest_(manifest), diagnostics_(diagnostics), reach_(manifest) {}

  void run() {
    for (const Assertion& assertion : manifest_.assertions) {
      if (!names_exist(assertion)) continue;
      if (assertion.deny) {
        broken_by(assertion.from.name, assertion, "`deny` says that it does not");
      } else {
        only(assertion);
      }
    }
  }

 private:
  bool names_exist(const Assertion& assertion) {
    const auto unknown = [&](const Reference& name, const std::vector<std::string>& known, const std::string& what) {
      const auto meant = nearest(name.name, known);
      diagnostics_.error(name.at,
                         "an assertion names " + ticked(name.name) + ", and there is no " + what + " called so",
                         meant ? "did you mean " + ticked(*meant) + "?" : "name one that the manifest has");
      return false;
    };
    if (manifest_.find_silo(assertion.from.name) == nullptr)
      return unknown(assertion.from, manifest_.silo_names(), "silo");
    if (!reach_.knows(assertion.to.name)) return unknown(assertion.to, reach_.targets(), "silo, object or device");
    return true;
  }

  void broken_by(const std::string& silo, const Assertion& assertion, const std::string& said) {
    const std::vector<std::string> steps = reach_.way(silo, assertion.to.name);
    if (steps.empty()) return;
    std::string way;
    for (const std::string& step : steps) way += (way.empty() ? "" : ", ") + step;
    diagnostics_.error(assertion.from.at,
                       ticked(silo) + " can reach " + ticked(assertion.to.name) + ", and " + said + ": " + way,
                       steps.size() > 2 ? "take one of these links out, or the right to pass on (`grant`, `transfer`, "
                                          "`shareable`, `children`), or hold it back with [flow]"
                                        : "take the link out, or the assertion");
  }

  /// Several lines about one target name all who may.
  void only(const Assertion& assertion) {
    std::set<std::string> may = reach_.receivers_of(assertion.to.name);
    may.insert(assertion.to.name);
    for (const Assertion& other : manifest_.assertions)
      if (!other.deny && other.to.name == assertion.to.name) may.insert(other.from.name);
    if (!told_.insert(assertion.to.name).second) return;
    for (const Silo& silo : manifest_.silos)
      if (!may.contains(silo.name)) broken_by(silo.name, assertion, "`only` names who may");
  }

  const Manifest& manifest_;
  Diagnostics& diagnostics_;
  Reach reach_;
  std::set<std::string> told_;
};

}  // namespace

void read_assertions(Manifest& manifest, TomlTable& root) {
  for (const char* key : {"deny", "only"})
    root.explain(key, "assertions stand in a table: [assert] and " + std::string(key) + " = [\"net -> keys\"]");
  root.table("assert", "[assert]", [&](TomlTable& table) {
    read_list(manifest, table, "deny", true);
    read_list(manifest, table, "only", false);
  });
}

void check_assertions(const Manifest& manifest, Diagnostics& diagnostics) {
  if (!manifest.assertions.empty()) Checker(manifest, diagnostics).run();
}

}  // namespace tool
