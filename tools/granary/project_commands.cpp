// SPDX-License-Identifier: Apache-2.0
//
// Commands over the user's own project: new, build, run, sdcard, test, path.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tools/granary/card_device.hpp"
#include "tools/granary/commands.hpp"
#include "tools/granary/json.hpp"
#include "tools/granary/process.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/report.hpp"
#include "tools/granary/system_tests.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/unused_handles.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string system, silo, output, name, device, tests = "tests.toml", only, what;
  Machine machine;
  unsigned timeout = 0;
  bool json = false, once = false, gdb = false, core = false, yes = false;
};
using Given = std::shared_ptr<Options>;

/// Calls `use` with what lies beside this tool.
template <typename Use>
std::function<int()> at_home(const Given& given, Use use) {
  return [given, use] {
    const auto home = find_home(own_program());
    if (home) return use(*given, *home);
    Diagnostics diagnostics;
    diagnostics.error({own_program().string(), 0}, "there is no SDK beside this program",
                      "call it where it was installed (a link to it will do), or set GRANARY_HOME");
    return finish(diagnostics);
  };
}

/// Read, checked, built; not 0 if that is the end.
int prepare(Project& project, const std::string& silo = "", bool warn = true) {
  Diagnostics diagnostics;
  project.load(diagnostics, warn);
  if (const int status = finish(diagnostics)) return status;
  return project.build(silo);
}

int make_new(const Options& given, const Home& home) {
  Diagnostics diagnostics;
  make_project(given.name, home.sdk(), diagnostics);
  if (diagnostics.failed()) return finish(diagnostics);
  std::cout << given.name << ": two silos that exchange messages. Now:\n\n  cd " << given.name
            << "\n  granary run        build it, and run it in QEMU until you press Ctrl-C\n"
               "  granary test       what it has to print is in tests.toml\n"
               "  granary graph -o graph.svg\n";
  return 0;
}

int build(const Options& given, const Home& home) {
  Project project(given.system, home);
  if (const int status = prepare(project, given.silo)) return status;
  if (!given.silo.empty()) return 0;
  Diagnostics diagnostics;
  const std::vector<Layout> layouts = read_layouts(project.manifest(), project.folder(), diagnostics);
  if (!diagnostics.failed()) {
    warn_about_unused_handles(project.manifest(), project.folder(), diagnostics);
    check_stacks(project.manifest(), stack_bounds(project.manifest(), project.folder()), diagnostics);
  }
  if (const int status = finish(diagnostics)) return status;
  const std::uint64_t bytes = fs::file_size(project.image());
  std::cout << (given.json ? size_json(project.manifest(), layouts, project.image().string(), bytes)
                           : size_table(project.manifest(), layouts, bytes) + project.image().string() + "\n");
  return 0;
}

int report(const Options& given, const Home& home) {
  Project project(given.system, home);
  if (const int status = prepare(project)) return status;
  Diagnostics diagnostics;
  const std::vector<Layout> layouts = read_layouts(project.manifest(), project.folder(), diagnostics);
  if (diagnostics.failed()) return finish(diagnostics);
  const Report report{project.manifest(), layouts, fs::file_size(project.image()),
                      stack_bounds(project.manifest(), project.folder())};
  const bool is_json = given.json || given.output.ends_with(".json");
  write_text(given.output, is_json ? report_json(report) : report_html(report), diagnostics);
  return finish(diagnostics);
}

/// One word for a shell, whatever is in it.
std::string quoted(const fs::path& path) {
  std::string out = "'";
  for (const char c : path.string()) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

int run(const Options& given, const Home& home) {
  Project project(given.system, home);
  if (const int status = prepare(project)) return status;
  const bool by_card = given.machine.board == "raspi4b" && given.machine.boot != "direct";
  if (given.machine.board == "raspi4b" || given.machine.boot == "uboot")
    if (const int status = project.set_up({given.machine.board == "raspi4b" ? "raspi4b" : "uboot"})) return status;
  const fs::path card = by_card ? project.folder() / (given.once ? "sdcard-once.img" : "sdcard.img") : "";
  if (by_card)
    if (const int status = project.make_card(card, given.once)) return status;
  std::vector<std::string> words = project.machine_command(given.machine, card);
  if (given.once) words.emplace_back("--once");
  if (given.timeout != 0) words.insert(words.end(), {"--timeout", std::to_string(given.timeout)});
  const fs::path kernel = fs::path(home.kernel).replace_extension("elf");
  const std::string folder = quoted(project.folder());
  // What a crash means, in words, and as core files.
  words.insert(words.end(), {"--symbolize",
                             quoted(home.program) + " symbolize --elf-dir " + folder + " --kernel " + quoted(kernel)});
  if (given.core)
    words.insert(words.end(), {"--core", quoted(home.program) + " core --all " + folder + " --elf-dir " + folder});
  if (given.gdb) {
    words.insert(words.begin(),
                 {home.script("debug").string(), kernel.string(), (project.folder() / "console.log").string()});
  } else {
    words.insert(words.begin(), home.script("run_qemu.py").string());
  }
  return run_in_terminal(words);
}

int make_card(const Options& given, const Home& home) {
  Project project(given.system, home);
  if (const int status = prepare(project)) return status;
  const fs::path file = given.output.empty() ? project.folder() / "sdcard.img" : fs::path(given.output);
  if (const int status = project.make_card(file, given.once)) return status;
  if (given.device.empty())
    return run_in_terminal({home.script("sdcard_advice").string(), file.string(), home.packages.string()});
  Diagnostics diagnostics;
  refuse_device(given.device, fs::file_size(file), {}, diagnostics);
  if (diagnostics.failed()) return finish(diagnostics);
  if (!given.yes) {
    std::cout << "All that is on " << given.device << " will be lost. Write to it? [y/N] " << std::flush;
    std::string answer;
    if (!std::getline(std::cin, answer) || (answer != "y" && answer != "Y" && answer != "yes")) {
      std::cout << "Nothing was written.\n";
      return kRefused;
    }
  }
  write_card(file, given.device, diagnostics);
  if (!diagnostics.failed()) std::cout << given.device << ": written; take the card out and put it into the board\n";
  return finish(diagnostics);
}

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
  if (pi && (project.set_up({"raspi4b"}) != 0 || project.make_card(card, true) != 0)) {
    outcome.wrong.emplace_back("the SD card image could not be made");
    return outcome;
  }
  // In virtual time, so that a busy host makes no deadline pass.
  std::vector<std::string> words =
      project.machine_command({.board = board, .cores = test.cores, .more = "-icount shift=5,sleep=off"}, card);
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
  const std::vector<SystemTest> tests = read_system_tests(file, diagnostics);
  if (diagnostics.failed()) return finish(diagnostics);
  unsigned passed = 0, failed = 0;
  Json json;
  json.open('{').open("tests", '[');
  for (const SystemTest& one : tests) {
    for (const std::string& board : one.boards) {
      if (one.name.find(given.only) == std::string::npos) continue;
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

int path(const Options& given, const Home& home) {
  const fs::path found = given.what == "make"     ? home.script("sdk/granary.mk")
                         : given.what == "cmake"  ? home.script("sdk")
                         : given.what == "kernel" ? home.kernel
                         : given.what == "sdk"    ? home.sdk()
                                                  : home.root;
  std::cout << found.string() << '\n';
  return 0;
}

}  // namespace

void add_project_commands(CLI::App& app, Commands& commands) {
  const Given given = std::make_shared<Options>();
  const auto command = [&](const char* name, const char* text, auto use) {
    CLI::App* sub = app.add_subcommand(name, text);
    commands.push_back({sub, at_home(given, use)});
    return sub;
  };
  const auto of_system = [&](CLI::App* sub) {
    sub->add_option("SYSTEM", given->system, "the manifest; system.toml if none is named");
  };
  CLI::App* sub = command("new", "makes a project: two silos, a manifest, build files and a test", make_new);
  sub->add_option("NAME", given->name, "the folder, and the name of the system")->required();

  sub = command("build", "compiles the programs and makes the system image, build/SYSTEM/system.img", build);
  of_system(sub);
  sub->add_option("--silo", given->silo, "only the program of this silo, build/SYSTEM/SILO/SILO.elf");
  sub->add_flag("--json", given->json, "for a program: sizes, as JSON on standard output");

  sub =
      command("report", "builds, then tells of memory, capabilities, stacks, schedule, and who may reach whom", report);
  of_system(sub);
  sub->add_option("-o,--output", given->output, "file, HTML or .json; standard output if not given");
  sub->add_flag("--json", given->json, "JSON, whatever the file is called");

  sub = command("run", "builds, then runs the system in QEMU", run);
  of_system(sub);
  sub->add_option("--board", given->machine.board, "virt, or raspi4b: the Raspberry Pi 4 model, from a card image")
      ->check(CLI::IsMember({"virt", "raspi4b"}));
  sub->add_option("--boot", given->machine.boot, "direct, or uboot (raspi4b: uboot if nothing is said)")
      ->check(CLI::IsMember({"direct", "uboot"}));
  sub->add_option("--smp", given->machine.cores, "cores of virt, 1 to 8")->check(CLI::Range(1, 8));
  sub->add_option("--memory", given->machine.memory, "memory of virt, such as 512M");
  sub->add_flag("--once", given->once, "end at the system's verdict; exit status 0 if it is passed");
  sub->add_option("--timeout", given->timeout, "end after so many seconds, with status 124 if there was no verdict");
  sub->add_flag("--core", given->core, "make core files of silos that crash, in build/SYSTEM");
  sub->add_flag("--gdb", given->gdb, "stop before the first instruction, with gdb in this terminal");
  sub->add_option("--qemu-extra", given->machine.more, "more arguments for QEMU");

  sub = command("test", "runs the system, and compares what it prints and its verdict with tests.toml", test);
  sub->add_option("TESTS", given->tests, "the file of tests, or its folder");
  sub->add_option("--only", given->only, "only tests with this in their names");
  sub->add_flag("--json", given->json, "for a program: what was found, as JSON on standard output");

  sub = command("sdcard", "builds, then makes an SD card image for the Raspberry Pi 4", make_card);
  of_system(sub);
  sub->add_option("-o,--output", given->output, "the image; build/SYSTEM/sdcard.img if not given");
  sub->add_option("--device", given->device, "also write it to this card; refuses what is not removable");
  sub->add_flag("--yes", given->yes, "with --device: do not ask");
  sub->add_flag("--once", given->once, "the system powers the board off at its verdict");

  sub = command("path", "prints where a part of the SDK lies", path);
  sub->add_option("WHAT", given->what, "make (fragment), cmake, kernel, sdk")
      ->check(CLI::IsMember({"make", "cmake", "kernel", "sdk", "root"}));
}

}  // namespace tool
