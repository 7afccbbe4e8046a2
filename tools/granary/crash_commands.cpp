// SPDX-License-Identifier: Apache-2.0
//
// See crash_commands.hpp.
#include "tools/granary/crash_commands.hpp"

#include <CLI/CLI.hpp>

#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>

#include "tools/granary/core_elf.hpp"
#include "tools/granary/symbolize.hpp"
#include "tools/granary/text.hpp"

namespace tool {

namespace {

/// False: the file cannot be read, and that has been said.
bool each_line(const std::string& file, const std::function<void(const std::string&)>& take) {
  std::ifstream opened;
  const bool is_input = file.empty() || file == "-";
  if (!is_input) opened.open(file, std::ios::binary);
  std::istream& in = is_input ? std::cin : opened;
  if (!in) {
    Diagnostics diagnostics;
    diagnostics.error({file, 0}, "this file cannot be read", "name the console's log, or give none for standard input");
    diagnostics.print(std::cerr);
    return false;
  }
  for (std::string line; std::getline(in, line);) take(line);
  return true;
}

}  // namespace

CrashCommands::CrashCommands(CLI::App& app) {
  symbolize_ = app.add_subcommand("symbolize", "prints the fault reports of a console with functions, files and lines");
  symbolize_->add_option("CONSOLE", console_, "the console's log; standard input if not given");
  symbolize_->add_option("--elf-dir", folder_, "folder with SILO/SILO.elf for each silo")->required();
  symbolize_->add_option("--kernel", kernel_, "the kernel's ELF file, for its own death");
  symbolize_->add_option("--addr2line", addr2line_, "addr2line for the programs")->capture_default_str();
  core_ = app.add_subcommand("core", "makes an ELF core file out of a console's log (boot argument core_files)");
  core_->add_option("CONSOLE", console_, "the console's log; standard input if not given");
  core_->add_option("-o,--output", output_, "the core file; SILO.core if not given");
  core_->add_option("--all", all_, "write the core file of every silo, as SILO.core, into this folder");
  core_->add_option("--elf-dir", folder_, "folder with SILO/SILO.elf for each silo: say how to start gdb");
  core_->add_option("--silo", silo_, "of this silo; if not given, of the one that faulted last");
}

bool CrashCommands::parsed() const { return symbolize_->parsed() || core_->parsed(); }

int CrashCommands::run() const { return symbolize_->parsed() ? symbolize() : core(); }

int CrashCommands::symbolize() const {
  Symbolizer symbolizer(find_by_addr2line(folder_, kernel_, addr2line_), std::cout);
  if (!each_line(console_, [&](const std::string& line) { symbolizer.take(line); })) return 1;
  symbolizer.finish();
  return 0;
}

bool CrashCommands::write_core(const CoreDump& dump, const Location& where, const std::string& name,
                               Diagnostics& diagnostics) const {
  if (!dump.missing.empty())
    diagnostics.warning(where,
                        "of the " + std::to_string(dump.lines) + " lines about silo " + dump.silo + ", " +
                            dump.missing_in_words() + " are missing: what they said reads as 0",
                        "send it again by a line that loses nothing");
  if (!dump.has_end)
    diagnostics.warning(where,
                        "the end of what there is about silo " + dump.silo + " is missing: what would follow line " +
                            std::to_string(dump.lines - 1) + " reads as 0",
                        "wait for the line \"end of the report\"");
  const std::vector<std::uint8_t> file = make_core_file(dump);
  std::ofstream out(name, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  out.close();
  if (!out) {
    diagnostics.error({name, 0}, "this file cannot be written", "make its folder first, or give another path");
    return false;
  }
  std::cout << name << ": silo " << dump.silo << ", " << dump.told_bytes() << " bytes of memory that are not 0";
  for (std::size_t i = 0; i < dump.threads.size(); ++i) {
    const auto& thread = dump.threads[i];
    std::cout << (i == 0 ? "; LWP " : ", LWP ") << i + 1 << " is thread "
              << std::string(thread.name, strnlen(thread.name, sizeof thread.name));
  }
  std::cout << '\n';
  if (!folder_.empty())
    std::cout << "  gdb-multiarch " << program_file(folder_, dump.program).string() << ' ' << name << '\n';
  return true;
}

int CrashCommands::core() const {
  CoreReader reader;
  if (!each_line(console_, [&](const std::string& line) { reader.take(line); })) return 1;
  Diagnostics diagnostics;
  const Location where{console_.empty() ? "standard input" : console_, 0};
  for (const unsigned line : reader.damaged())
    diagnostics.warning({where.file, line}, "this line of a core file is damaged, and is left out",
                        "look for characters that got lost on the serial line");
  std::map<std::string, CoreDump> newest;  // of each silo
  std::string last;
  for (const CoreDump& dump : reader.finish()) {
    newest[dump.silo] = dump;
    last = dump.silo;
  }
  if (newest.empty()) {
    diagnostics.error(where, "there is no core file in it, or its beginning is missing",
                      "boot with the argument core_files (granary run --core), and keep all of the console");
  } else if (!all_.empty()) {
    for (const auto& [silo, dump] : newest) write_core(dump, where, all_ + "/" + silo + ".core", diagnostics);
  } else if (const auto chosen = newest.find(silo_.empty() ? last : silo_); chosen != newest.end()) {
    write_core(chosen->second, where, output_.empty() ? chosen->first + ".core" : output_, diagnostics);
  } else {
    std::vector<std::string> names;
    for (const auto& [silo, dump] : newest) names.push_back(silo);
    diagnostics.error(where, "there is no core file of silo " + ticked(silo_) + " in it",
                      "those in it are of " + list(names));
  }
  diagnostics.print(std::cerr);
  return diagnostics.failed() ? 1 : 0;
}

}  // namespace tool
