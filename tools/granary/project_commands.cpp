// SPDX-License-Identifier: Apache-2.0
//
// Commands over the user's own project: new, build, report, sdcard, path. run and test have files of their own.
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <iostream>
#include <memory>

#include "tools/granary/card_device.hpp"
#include "tools/granary/commands.hpp"
#include "tools/granary/process.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/report.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string system, silo, output, name, device, what;
  bool json = false, once = false, yes = false;
};
using Given = std::shared_ptr<Options>;

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
  Diagnostics diagnostics;
  if (!given.silo.empty() && project.load(diagnostics, false) && project.manifest().find_silo(given.silo) == nullptr)
    diagnostics.error({project.manifest_file().string(), 0}, "there is no silo " + ticked(given.silo),
                      "the silos are " + list(project.manifest().silo_names()));
  if (const int status = finish(diagnostics)) return status;
  if (const int status = prepare(project, given.silo)) return status;
  if (!given.silo.empty()) return 0;
  const std::vector<Layout> layouts = read_layouts(project.manifest(), project.folder(), diagnostics);
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
  const fs::path file = given.output;
  if (!is_json && file.has_extension() && file.extension() != ".html" && file.extension() != ".htm") {
    diagnostics.error({"granary", 0}, "a report is HTML or JSON, not " + ticked(file.extension().string()),
                      "-o report.html, or -o report.json");
    return finish(diagnostics), kBadCommandLine;
  }
  if (is_json)
    write_text(given.output, report_json(report), diagnostics);
  else
    write_product(given.output, project.manifest().system + ".html", report_html(report), diagnostics);
  return finish(diagnostics);
}

int make_card(const Options& given, const Home& home) {
  Project project(given.system, home);
  if (const int status = prepare(project)) return status;
  const fs::path file = given.output.empty() ? project.folder() / "sdcard.img" : fs::path(given.output);
  if (const int status = project.make_card(file, given.once ? "once" : "")) return status;
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
    commands.push_back({sub, at_home([given, use](const Home& home) { return use(*given, home); })});
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
  sub->add_option(
      "-o,--output", given->output,
      "file, HTML or .json; if not given, NAME.html here if standard output is a terminal, else standard output");
  sub->add_flag("--json", given->json, "JSON, whatever the file is called");

  add_run_command(app, commands);
  add_test_command(app, commands);

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
