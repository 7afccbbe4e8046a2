// SPDX-License-Identifier: Apache-2.0
//
// `granary test`: each test of a file runs on its boards, and is judged (system_tests.hpp).
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tools/granary/commands.hpp"
#include "tools/granary/json.hpp"
#include "tools/granary/machine.hpp"
#include "tools/granary/process.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/system_tests.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string tests = "tests.toml", only;
  bool json = false;
};

struct Outcome {
  std::string name;
  std::vector<std::string> wrong;
};

/// One test on one board.
Outcome run_test(const SystemTest& test, const std::string& board, const fs::path& folder, const Home& home) {
  Outcome outcome{test.name + (board == "virt" ? "" : " on " + board), {}};
  Diagnostics diagnostics;
  const fs::path manifest = write_test_system(test, folder, diagnostics);
  if (finish(diagnostics) != 0) {
    outcome.wrong.emplace_back("the system could not be made");
    return outcome;
  }
  Project project(manifest.string(), home);
  if (prepare(project, "", false) != 0) {
    outcome.wrong.emplace_back("the system could not be built");
    return outcome;
  }
  const bool pi = board == "raspi4b";
  const fs::path card = pi ? project.folder() / "sdcard-once.img" : "";
  if (pi && (set_up(home, {"raspi4b"}) != 0 || project.make_card(card, "once") != 0)) {
    outcome.wrong.emplace_back("the SD card image could not be made");
    return outcome;
  }
  // In virtual time, so that a busy host makes no deadline pass.
  const Machine machine =
      complete({.board = board, .cores = pi ? 0 : test.cores, .more = "-icount shift=5,sleep=off", .card = card},
               project.manifest().cores(), diagnostics);
  std::vector<std::string> words = machine_command(machine, home, project.image());
  words.insert(words.begin(), home.script("run_qemu.py").string());
  words.insert(words.end(), {"--once", "--time-limit", std::to_string(test.seconds)});
  const Output output = capture_program(words, "granary: testing " + outcome.name);
  std::vector<std::string> lines;
  std::istringstream text(output.text);
  for (std::string line; std::getline(text, line);) {
    while (line.ends_with('\r')) line.pop_back();
    if (!line.starts_with("run: ")) lines.push_back(line);
  }
  std::ofstream(project.folder() / ("test_" + test.name + "_" + board + ".txt")) << output.text;
  outcome.wrong = judge(test, lines, output.status);
  for (std::size_t i = lines.size() - std::min<std::size_t>(outcome.wrong.empty() ? 0 : 6, lines.size());
       i < lines.size(); ++i)
    outcome.wrong.push_back("  | " + lines[i]);
  return outcome;
}

int test(const Options& given, const Home& home) {
  Diagnostics diagnostics;
  const fs::path file = fs::is_directory(given.tests) ? fs::path(given.tests) / "tests.toml" : fs::path(given.tests);
  const std::vector<SystemTest> all = read_system_tests(file, diagnostics);
  const std::vector<SystemTest> tests = diagnostics.failed() ? all : chosen(all, given.only, file, diagnostics);
  if (diagnostics.failed()) return finish(diagnostics);
  unsigned passed = 0, failed = 0;
  Json json;
  json.open('{').open("tests", '[');
  for (const SystemTest& one : tests) {
    for (const std::string& board : one.boards) {
      const Outcome outcome = run_test(one, board, file.parent_path(), home);
      ++(outcome.wrong.empty() ? passed : failed);
      json.open('{').pair("name", outcome.name).pair("passed", outcome.wrong.empty()).open("wrong", '[');
      for (const std::string& sentence : outcome.wrong) json.value(sentence);
      json.close(']').close('}');
      if (given.json) continue;
      std::cout << (outcome.wrong.empty() ? "ok      " : "FAILED  ") << outcome.name << std::endl;
      for (const std::string& sentence : outcome.wrong) std::cout << "        " << sentence << '\n';
    }
  }
  json.close(']').pair("passed", passed).pair("failed", failed).close('}');
  if (given.json) {
    std::cout << json.text() << '\n';
  } else {
    std::cout << passed << " passed, " << failed << " failed\n";
  }
  return failed == 0 && passed != 0 ? 0 : kRefused;
}

}  // namespace

void add_test_command(CLI::App& app, Commands& commands) {
  const auto given = std::make_shared<Options>();
  CLI::App* sub =
      app.add_subcommand("test", "runs the system, and compares what it prints and its verdict with tests.toml");
  sub->add_option("TESTS", given->tests, "the file of tests, or its folder");
  sub->add_option("--only", given->only, "only tests with this in their names");
  sub->add_flag("--json", given->json, "for a program: what was found, as JSON on standard output");
  commands.push_back({sub, at_home([given](const Home& home) { return test(*given, home); })});
}

}  // namespace tool
