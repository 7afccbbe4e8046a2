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

/// The file of a program: the user's own if it was built elsewhere, of which FOLDER has a copy, so that it is the one
/// that is spoken of.
fs::path file_of(const Manifest& manifest, const std::vector<std::string>& program, const fs::path& made) {
  if (!is_prebuilt(program)) return made;
  const fs::path own = manifest.resolve(program.front());
  return fs::is_regular_file(own) ? own : made;
}

/// What make says when a command has failed: the command has said it.
bool is_of_make(const std::string& line) {
  return line.starts_with("make") && (line.find(": *** [") != line.npos || line.ends_with("unfinished jobs...."));
}

std::string without_make(const std::string& output) {
  std::string kept;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);)
    if (!is_of_make(line)) kept += line + "\n";
  return kept.empty() ? output : kept;
}

/// What to do about what the linker says, which knows nothing of manifests; empty if it says nothing.
std::string advice_on(const std::string& output) {
  const std::string_view missing = "undefined reference to `";
  const std::size_t at = output.find(missing);
  if (at == output.npos) return "";
  if (std::string_view(output).substr(at + missing.size()).starts_with("main'"))
    return "  remedy: a silo's program begins at `int main()`: write it, outside of any namespace, in a file that "
           "`program` names\n";
  return "  remedy: name the file that has it too: program = [\"first.cpp\", \"second.cpp\"]; what of the C and C++ "
         "libraries there is in a silo is said in sdk.md\n";
}

}  // namespace

fs::path manifest_named(const std::string& named) {
  const fs::path file = named.empty() ? "system.toml" : named;
  return fs::is_directory(file) ? file / "system.toml" : file;
}

Project::Project(const std::string& named, Home home) : home_(std::move(home)), manifest_file_(manifest_named(named)) {}

fs::path Project::folder() const { return manifest_file_.parent_path() / "build" / manifest_.system; }

bool Project::load(Diagnostics& diagnostics, bool warn) {
  manifest_ = read_manifest(manifest_file_, diagnostics);
  if (!diagnostics.failed()) check_manifest(manifest_, diagnostics);
  if (!diagnostics.failed() && warn) warn_about(manifest_, diagnostics);
  return !diagnostics.failed();
}

int Project::build(const std::string& silo) {
  if (const int status = set_up(home_, {})) return status;
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
  std::cerr << without_make(output.text);
  if (output.status == 0) return 0;
  std::cerr << advice_on(output.text);
  return 1;
}

int Project::make_card(const fs::path& file, const std::string& boot_arguments) {
  if (const int status = set_up(home_, {"sdcard"})) return status;
  const std::vector<std::string> words{home_.script("sdcard").string(), file.string(),
                                       home_.kernel.string(),           image().string(),
                                       home_.packages.string(),         boot_arguments};
  const Output output = capture_program(words, "granary: making " + file.string());
  std::cerr << output.text;
  return output.status;
}

int set_up(const Home& home, const std::vector<std::string>& what) {
  std::vector<std::string> words{home.script("setup.sh").string(), "sdk"};
  words.insert(words.end(), what.begin(), what.end());
  const Output output = capture_program(words, "granary: setting up", {{"GRANARY_PACKAGES", home.packages.string()}});
  std::cerr << output.text;
  return output.status;
}

std::vector<Layout> read_layouts(const Manifest& manifest, const fs::path& folder, Diagnostics& diagnostics) {
  std::vector<Layout> layouts;
  for (const Silo& silo : manifest.silos) {
    const fs::path elf_file = file_of(manifest, silo.program, folder / silo.name / (silo.name + ".elf"));
    Diagnostics own;  // so that one bad program does not hide the defects of the next
    const ElfFile elf = read_elf(elf_file, own);
    ProgramContracts contracts = check_contracts(manifest, silo, elf, {elf_file.string(), 0}, own);
    if (!own.failed()) layouts.push_back(lay_out(silo, elf, {elf_file.string(), 0}, own));
    if (!own.failed()) layouts.back().contracts = std::move(contracts);
    for (const ProgramImage& image : silo.images) {
      const Location where{file_of(manifest, image.program, folder / silo.name / (image.name + ".elf")).string(), 0};
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
