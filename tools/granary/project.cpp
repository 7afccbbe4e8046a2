// SPDX-License-Identifier: Apache-2.0
//
// Building a project (project.hpp).
#include "tools/granary/project.hpp"

#include <fstream>
#include <iostream>
#include <sstream>
#include <thread>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/generate.hpp"
#include "tools/granary/process.hpp"
#include "tools/granary/program_contracts.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

Project::Project(const std::string& named, Home home) : home_(std::move(home)), manifest_file_(named) {
  if (named.empty()) manifest_file_ = "system.toml";
  if (fs::is_directory(manifest_file_)) manifest_file_ /= "system.toml";
}

fs::path Project::folder() const { return manifest_file_.parent_path() / "build" / manifest_.system; }

bool Project::load(Diagnostics& diagnostics, bool warn) {
  manifest_ = read_manifest(manifest_file_, diagnostics);
  if (!diagnostics.failed()) check_manifest(manifest_, diagnostics);
  if (!diagnostics.failed() && warn) warn_about(manifest_, diagnostics);
  return !diagnostics.failed();
}

int Project::set_up(const std::vector<std::string>& what) {
  std::vector<std::string> words{home_.script("setup.sh").string(), "sdk"};
  words.insert(words.end(), what.begin(), what.end());
  const Output output = capture_program(words, "granary: setting up", {{"GRANARY_PACKAGES", home_.packages.string()}});
  std::cerr << output.text;
  return output.status;
}

int Project::build(const std::string& silo) {
  if (const int status = set_up({})) return status;
  std::error_code ignored;  // writing tells
  fs::create_directories(folder(), ignored);
  const fs::path rules = folder() / "system.mk";
  const std::string wanted = makefile(manifest_, folder(), home_.program.string());
  if (text_of(rules) != wanted && !(std::ofstream(rules) << wanted)) {
    std::cerr << rules.string() << ": error: this file cannot be written\n  remedy: give the folder to its owner\n";
    return 1;
  }
  const fs::path target = silo.empty() ? image() : folder() / silo / (silo + ".elf");
  const Output output = capture_program(
      {"make", "--no-print-directory", "--silent",
       "-j" + std::to_string(std::max(1U, std::thread::hardware_concurrency())), "-f", rules.string(),
       "BUILD=" + (manifest_file_.parent_path() / "build").string(), "GRANARY_SDK=" + home_.sdk().string(),
       "GRANARY=" + home_.program.string(), target.string()},
      "granary: building " + manifest_.system, {{"MAKEFLAGS", ""}, {"MAKELEVEL", ""}, {"GRANARY_QUIET", "1"}});
  std::cerr << output.text;
  return output.status == 0 ? 0 : 1;
}

int Project::make_card(const fs::path& file, bool once) {
  if (const int status = set_up({"sdcard"})) return status;
  std::vector<std::string> words{home_.script("sdcard").string(), file.string(), home_.kernel.string(),
                                 image().string(), home_.packages.string()};
  if (once) words.emplace_back("once");
  const Output output = capture_program(words, "granary: making " + file.string());
  std::cerr << output.text;
  return output.status;
}

std::vector<std::string> Project::machine_command(const Machine& machine, const fs::path& card) const {
  const bool pi = machine.board == "raspi4b";
  const std::string boot = machine.boot.empty() ? (pi ? "uboot" : "direct") : machine.boot;
  std::vector<std::string> words{"--board",
                                 machine.board,
                                 "--boot",
                                 boot,
                                 "--kernel",
                                 home_.kernel.string(),
                                 "--system",
                                 image().string(),
                                 "--packages",
                                 home_.packages.string(),
                                 "--smp",
                                 std::to_string(pi ? 4 : machine.cores),
                                 "--memory",
                                 pi ? "2G" : machine.memory,
                                 "--gic",
                                 pi ? "2" : "3",
                                 "--qemu-extra=" + machine.more};
  if (!card.empty()) words.insert(words.end(), {"--sdcard", card.string()});
  return words;
}

std::vector<Layout> read_layouts(const Manifest& manifest, const fs::path& folder, Diagnostics& diagnostics) {
  std::vector<Layout> layouts;
  for (const Silo& silo : manifest.silos) {
    const auto elf_file = folder / silo.name / (silo.name + ".elf");
    Diagnostics own;  // so that one bad program does not hide the defects of the next
    const ElfFile elf = read_elf(elf_file, own);
    ProgramContracts contracts = check_contracts(manifest, silo, elf, {elf_file.string(), 0}, own);
    if (!own.failed()) layouts.push_back(lay_out(silo, elf, {elf_file.string(), 0}, own));
    if (!own.failed()) layouts.back().contracts = std::move(contracts);
    for (const ProgramImage& image : silo.images) {
      const Location where{(folder / silo.name / (image.name + ".elf")).string(), 0};
      const ElfFile other = read_elf(where.file, own);
      ProgramContracts its_contracts = check_contracts(manifest, silo, other, where, own);
      if (own.failed()) break;
      Layout layout = lay_out(silo, other, where, own);
      layout.contracts = std::move(its_contracts);
      if (!own.failed()) add_image(layouts.back(), std::move(layout), silo, where, own);
    }
    diagnostics.append(own);
  }
  return layouts;
}

}  // namespace tool
