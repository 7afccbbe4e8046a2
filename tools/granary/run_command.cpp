// SPDX-License-Identifier: Apache-2.0
//
// `granary run`: a system in QEMU, from its folder or from an SD card image that is made already.
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "tools/granary/commands.hpp"
#include "tools/granary/machine.hpp"
#include "tools/granary/process.hpp"
#include "tools/granary/project.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string system, card;
  Machine machine;
  unsigned timeout = 0;
  bool once = false, gdb = false, core = false;
};

/// One word for a shell, whatever is in it.
std::string quoted(const fs::path& path) {
  std::string out = "'";
  for (const char c : path.string()) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string explanation(const Home& home, const fs::path& programs) {
  return quoted(home.program) + " symbolize --elf-dir " + quoted(programs) + " --kernel " +
         quoted(fs::path(home.kernel).replace_extension("elf"));
}

/// What the machine printed, each line as it came; what the person in front of it sees has crashes in other words.
std::string console_of(const Project& project) { return (project.folder() / "console.log").string(); }

void add_limits(const Options& given, std::vector<std::string>& words) {
  if (given.once) words.emplace_back("--once");
  if (given.timeout != 0) words.insert(words.end(), {"--timeout", std::to_string(given.timeout)});
}

/// What does not go together, before anything is built.
int refuse_options(const Options& given) {
  Diagnostics diagnostics;
  complete(given.machine, 1, diagnostics);
  const Location command_line{"granary", 0};
  if (!given.card.empty() && given.gdb)
    diagnostics.error(
        command_line, "what is on a card may be another kernel than the one that gdb would be given",
        "leave out --card: granary run --board raspi4b --gdb boots the same system from a card of its own");
  if (!given.card.empty() && given.core)
    diagnostics.error(
        command_line, "whether the kernel writes core files is said on the card, which is not written to",
        "leave out --card: granary run --board raspi4b --core boots the same system from a card of its own");
  return finish(diagnostics) == 0 ? 0 : kBadCommandLine;
}

/// Boots a card that is made already: nothing is built. If a system is named, its programs explain crashes.
int run_card(const Options& given, const Home& home) {
  Diagnostics diagnostics;
  check_card(given.card, diagnostics);
  Project project(given.system, home);
  if (!given.system.empty() && !diagnostics.failed()) project.load(diagnostics, false);
  if (const int status = finish(diagnostics)) return status;
  if (const int status = set_up(home, {"raspi4b"})) return status;
  std::vector<std::string> words = machine_command(complete(given.machine, 1, diagnostics), home, "");
  add_limits(given, words);
  if (!given.system.empty())
    words.insert(words.end(), {"--symbolize", explanation(home, project.folder()), "--console", console_of(project)});
  words.insert(words.begin(), home.script("run_qemu.py").string());
  return run_in_terminal(words);
}

int run(const Options& given, const Home& home) {
  if (const int status = refuse_options(given)) return status;
  if (!given.card.empty()) return run_card(given, home);
  Project project(given.system, home);
  if (const int status = prepare(project)) return status;
  Diagnostics diagnostics;
  Machine machine = complete(given.machine, project.manifest().cores(), diagnostics);
  if (machine.is_pi() || machine.by_uboot())
    if (const int status = set_up(home, {machine.is_pi() ? "raspi4b" : "uboot"})) return status;
  if (machine.is_pi() && machine.by_uboot()) {
    // What the kernel is told stands on the card.
    machine.card = project.folder() /
                   (std::string("sdcard") + (given.once ? "-once" : "") + (given.core ? "-core_files" : "") + ".img");
    const std::string arguments = std::string(given.once ? "once" : "") + (given.core ? " core_files" : "");
    if (const int status = project.make_card(machine.card, arguments)) return status;
  }
  std::vector<std::string> words = machine_command(machine, home, project.image());
  add_limits(given, words);
  const fs::path kernel = fs::path(home.kernel).replace_extension("elf");
  const std::string folder = quoted(project.folder());
  // What a crash means, in words, and as core files.
  words.insert(words.end(), {"--symbolize", explanation(home, project.folder())});
  if (given.core)
    words.insert(words.end(), {"--core", quoted(home.program) + " core --all " + folder + " --elf-dir " + folder});
  if (given.gdb) {
    words.insert(words.begin(), {home.script("debug").string(), kernel.string(), console_of(project)});
  } else {
    words.insert(words.end(), {"--console", console_of(project)});
    words.insert(words.begin(), home.script("run_qemu.py").string());
  }
  return run_in_terminal(words);
}

}  // namespace

void add_run_command(CLI::App& app, Commands& commands) {
  const auto given = std::make_shared<Options>();
  CLI::App* sub =
      app.add_subcommand("run", "builds, then runs the system in QEMU; or runs a card that is made already");
  sub->add_option("SYSTEM", given->system, "the manifest; system.toml if none is named");
  sub->add_option("--board", given->machine.board, "virt, or raspi4b: the Raspberry Pi 4 model, from a card image")
      ->check(CLI::IsMember({"virt", "raspi4b"}));
  sub->add_option("--boot", given->machine.boot, "direct, or uboot (raspi4b: uboot if nothing is said)")
      ->check(CLI::IsMember({"direct", "uboot"}));
  sub->add_option("--card", given->card,
                  "boot this SD card image in the Raspberry Pi 4 model, and build nothing; it is not written to");
  sub->add_option("--smp", given->machine.cores, "cores of virt, 1 to 8; as many as the manifest names if not given")
      ->check(CLI::Range(1, 8));
  sub->add_option("--memory", given->machine.memory, "memory of virt; 512M if not given");
  sub->add_flag("--once", given->once, "end at the system's verdict; exit status 0 if it is passed");
  sub->add_option("--timeout", given->timeout, "end after so many seconds, with status 124 if there was no verdict");
  sub->add_flag("--core", given->core, "make core files of silos that crash, in build/SYSTEM");
  sub->add_flag("--gdb", given->gdb, "stop before the first instruction, with gdb in this terminal");
  sub->add_option("--qemu-extra", given->machine.more, "more arguments for QEMU");
  commands.push_back({sub, at_home([given](const Home& home) {
                        given->machine.card = given->card;
                        return run(*given, home);
                      })});
}

}  // namespace tool
