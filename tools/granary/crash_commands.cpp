// SPDX-License-Identifier: Apache-2.0
//
// See crash_commands.hpp.
#include "tools/granary/crash_commands.hpp"

#include <CLI/CLI.hpp>

#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>

#include "tools/granary/core_elf.hpp"
#include "tools/granary/core_reader.hpp"
#include "tools/granary/diagnostics.hpp"
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

std::string dumps_in_words(const std::vector<CoreDump>& dumps) {
  std::vector<std::string> names;
  for (const CoreDump& dump : dumps) names.push_back(dump.silo);
  return list(names);
}

}  // namespace

CrashCommands::CrashCommands(CLI::App& app) {
  symbolize_ = app.add_subcommand("symbolize", "prints the fault reports of a console with functions, files and lines");
  symbolize_->add_option("CONSOLE", console_, "the console's log; standard input if not given");
  symbolize_->add_option("--elf-dir", folder_, "folder with SILO/SILO.elf for each silo")->required();
  symbolize_->add_option("--addr2line", addr2line_, "addr2line for the programs")->capture_default_str();
  core_ = app.add_subcommand("core", "makes an ELF core file out of a console's log (boot argument core_files)");
  core_->add_option("CONSOLE", console_, "the console's log; standard input if not given");
  core_->add_option("-o,--output", output_, "the core file; SILO.core if not given");
  core_->add_option("--silo", silo_, "of this silo; if not given, of the one that faulted last");
}

bool CrashCommands::parsed() const { return symbolize_->parsed() || core_->parsed(); }

int CrashCommands::run() const { return symbolize_->parsed() ? symbolize() : core(); }

int CrashCommands::symbolize() const {
  Symbolizer symbolizer(find_by_addr2line(folder_, addr2line_), std::cout);
  if (!each_line(console_, [&](const std::string& line) { symbolizer.take(line); })) return 1;
  symbolizer.finish();
  return 0;
}

int CrashCommands::core() const {
  CoreReader reader;
  if (!each_line(console_, [&](const std::string& line) { reader.take(line); })) return 1;
  const std::vector<CoreDump> dumps = reader.finish();
  Diagnostics diagnostics;
  const Location where{console_.empty() ? "standard input" : console_, 0};
  for (const unsigned line : reader.damaged())
    diagnostics.warning({where.file, line}, "this line of a core file is damaged, and is left out",
                        "look for characters that got lost on the serial line");
  const CoreDump* chosen = nullptr;
  for (const CoreDump& dump : dumps) {
    if (silo_.empty() || dump.silo == silo_) chosen = &dump;
  }
  if (chosen == nullptr) {
    diagnostics.error(where,
                      dumps.empty() ? "there is no core file in it, or its beginning is missing"
                                    : "there is no core file of silo " + ticked(silo_) + " in it",
                      dumps.empty() ? "boot with the argument core_files (make run CORE=1), and keep all of the console"
                                    : "those in it are of " + dumps_in_words(dumps));
    diagnostics.print(std::cerr);
    return 1;
  }
  if (!chosen->missing.empty())
    diagnostics.warning(where,
                        "of the core file's " + std::to_string(chosen->lines) + " lines " + chosen->missing_in_words() +
                            " are missing: what they said reads as 0",
                        "send it again by a line that loses nothing");
  if (!chosen->has_end)
    diagnostics.warning(where,
                        "the end of the core file is missing: what would follow line " +
                            std::to_string(chosen->lines - 1) + " reads as 0",
                        "wait for the line \"end of the report\"");
  const std::vector<std::uint8_t> file = make_core_file(*chosen);
  const std::string name = output_.empty() ? chosen->silo + ".core" : output_;
  std::ofstream out(name, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
  out.close();
  if (!out) {
    diagnostics.error({name, 0}, "this file cannot be written", "make its folder first, or give another path");
  } else {
    std::cout << name << ": silo " << chosen->silo << ", " << chosen->told_bytes()
              << " bytes of memory that are not 0\n";
    for (std::size_t i = 0; i < chosen->threads.size(); ++i) {
      const auto& thread = chosen->threads[i];
      std::cout << "  LWP " << i + 1 << " is thread "
                << std::string(thread.name, strnlen(thread.name, sizeof thread.name))
                << (i == chosen->header.faulting_thread ? ", which faulted\n" : "\n");
    }
  }
  diagnostics.print(std::cerr);
  return diagnostics.failed() ? 1 : 0;
}

}  // namespace tool
