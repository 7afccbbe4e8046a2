// SPDX-License-Identifier: Apache-2.0
//
// Expectations of systems (system_tests.hpp).
#include "tools/granary/system_tests.hpp"

#include <regex.h>

#include <algorithm>

#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

constexpr unsigned kLongest = 3600;                                      // seconds
constexpr int kNoVerdict = 96, kDead = 97, kStopped = 98, kTimeUp = 99;  // run_qemu.py

/// An extended regular expression of POSIX; libstdc++'s own does not compile without warnings under sanitizers.
class Pattern {
 public:
  explicit Pattern(const std::string& text)
      : is_good_(regcomp(&compiled_, text.c_str(), REG_EXTENDED | REG_NOSUB) == 0) {}
  ~Pattern() {
    if (is_good_) regfree(&compiled_);
  }
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  bool is_good() const { return is_good_; }
  bool matches(const std::string& line) const {
    return is_good_ && regexec(&compiled_, line.c_str(), 0, nullptr, 0) == 0;
  }

 private:
  regex_t compiled_{};
  bool is_good_;
};

std::vector<Reference> patterns(TomlTable& table, std::string_view key) {
  std::vector<Reference> found =
      table.strings(key, std::string(key) + " = ['\\[window\\] open']", true).value_or(std::vector<Reference>{});
  for (const Reference& pattern : found)
    if (!Pattern(pattern.name).is_good())
      table.diagnostics().error(pattern.at, "the pattern " + ticked(pattern.name) + " is no regular expression",
                                "write \\[ and \\( for what stands in the line itself, in '...'");
  return found;
}

SystemTest read_test(const std::string& name, TomlTable& table) {
  SystemTest test{.name = name};
  test.system = table.string("system", "system = \"system.toml\"").value_or(test.system);
  for (const auto& [silo, program] : table.pairs("replace", "replace = { thermometer = \"window_test.cpp\" }"))
    test.replace.push_back({silo, program.name});
  for (const Reference& board :
       table.strings("boards", "boards = [\"virt\"]", true).value_or(std::vector<Reference>{{"virt", table.at()}})) {
    if (board.name != "virt" && board.name != "raspi4b")
      table.diagnostics().error(board.at, table.what() + " names the board " + ticked(board.name),
                                "the boards are virt and raspi4b");
    test.boards.push_back(board.name);
  }
  test.expect = patterns(table, "expect");
  test.forbid = patterns(table, "forbid");
  test.any_order = table.boolean("any_order").value_or(false);
  test.verdict = table.string("verdict", "verdict = \"passed\"").value_or(test.verdict);
  if (test.verdict != "passed" && test.verdict != "failed" && test.verdict != "any")
    table.diagnostics().error(table.at("verdict"), table.what() + " wants the verdict " + ticked(test.verdict),
                              "passed, failed, or any if the system gives none");
  test.cores = static_cast<unsigned>(table.integer("cores", 1, abi::kCoresMaximum).value_or(test.cores));
  test.seconds = static_cast<unsigned>(table.integer("seconds", 1, kLongest).value_or(test.seconds));
  return test;
}

bool matches(const std::string& line, const Reference& pattern) { return Pattern(pattern.name).matches(line); }

}  // namespace

std::vector<SystemTest> read_system_tests(const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::vector<SystemTest> tests;
  if (!std::filesystem::is_regular_file(file)) {
    diagnostics.error({file.string(), 0}, "there is no such file of tests",
                      "write one: [test.it_says_hello] and expect = ['hello']");
    return tests;
  }
  const std::optional<toml::table> root = parse_toml(file.string(), diagnostics);
  if (!root) return tests;
  TomlTable table(*root, "the file of tests", file.string(), diagnostics);
  table.tables("test", "test", "",
               [&](const std::string& name, TomlTable& entry) { tests.push_back(read_test(name, entry)); });
  table.refuse_unknown();
  return tests;
}

std::vector<SystemTest> chosen(const std::vector<SystemTest>& tests, const std::string& only,
                               const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::vector<SystemTest> found;
  std::vector<std::string> names;
  for (const SystemTest& test : tests) {
    names.push_back(test.name);
    if (test.name.find(only) != std::string::npos) found.push_back(test);
  }
  if (names.empty())
    diagnostics.error({file.string(), 0}, "there is no test in this file",
                      "write one: [test.it_says_hello] and expect = ['hello']");
  else if (found.empty())
    diagnostics.error({file.string(), 0}, "no test has " + ticked(only) + " in its name",
                      names.size() == 1 ? "the test is " + names.front() : "the tests are " + list(names));
  return found;
}

std::vector<std::string> judge(const SystemTest& test, const std::vector<std::string>& lines, int status) {
  std::vector<std::string> wrong;
  if (status == kDead) wrong.emplace_back("the kernel died");
  if (status == kStopped) wrong.emplace_back("the kernel stopped at boot");
  if (status == kTimeUp && test.verdict != "any")
    wrong.push_back("the time was up: there was no verdict within " + std::to_string(test.seconds) + " s; `seconds = " +
                    std::to_string(std::min(2 * test.seconds, kLongest)) + "` in the test gives more");
  if (status == kNoVerdict && test.verdict != "any") wrong.emplace_back("the machine ended without a verdict");
  const bool is_verdict = status < kNoVerdict;
  if (is_verdict && test.verdict == "passed" && status != 0)
    wrong.push_back("the verdict is failed, with status " + std::to_string(status));
  if (is_verdict && test.verdict == "failed" && status == 0) wrong.emplace_back("the verdict is passed");
  std::size_t from = 0;
  for (const Reference& pattern : test.expect) {
    std::size_t at = test.any_order ? 0 : from;
    while (at < lines.size() && !matches(lines[at], pattern)) ++at;
    if (at < lines.size()) {
      from = at + 1;
      continue;
    }
    bool earlier = false;
    for (std::size_t i = 0; i < from; ++i) earlier = earlier || matches(lines[i], pattern);
    wrong.push_back("no line matches " + ticked(pattern.name) +
                    (earlier && !test.any_order ? " behind the one for the pattern before it" : ""));
  }
  for (const Reference& pattern : test.forbid)
    for (const std::string& line : lines)
      if (matches(line, pattern)) wrong.push_back("forbidden by " + ticked(pattern.name) + ": " + line);
  return wrong;
}

}  // namespace tool
