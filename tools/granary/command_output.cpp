// SPDX-License-Identifier: Apache-2.0
//
// What the commands share (commands.hpp): the SDK, a project that is built, diagnostics on a terminal, files.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tools/granary/commands.hpp"
#include "tools/granary/home.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/unused_handles.hpp"

namespace tool {

int finish(const Diagnostics& diagnostics) {
  diagnostics.print(std::cerr, isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr);
  return diagnostics.failed() ? kRefused : 0;
}

std::function<int()> at_home(std::function<int(const Home&)> use) {
  return [use = std::move(use)] {
    const auto home = find_home(own_program());
    Diagnostics diagnostics;
    if (home) check_home(*home, diagnostics);
    if (home && !diagnostics.failed()) return use(*home);
    if (!home)
      diagnostics.error({own_program().string(), 0}, "there is no SDK beside this program",
                        "call it where it was installed (a link to it will do), or set GRANARY_HOME");
    return finish(diagnostics);
  };
}

int prepare(Project& project, const std::string& silo, bool warn) {
  Diagnostics diagnostics;
  project.load(diagnostics, warn);
  if (const int status = finish(diagnostics)) return status;
  if (const int status = project.build(silo)) return status;
  Diagnostics about_programs;
  if (warn && silo.empty()) warn_about_unused_handles(project.manifest(), project.folder(), about_programs);
  return finish(about_programs);
}

bool write_bytes(const std::string& name, const char* bytes, std::size_t count, Diagnostics& diagnostics) {
  std::ofstream out(name, std::ios::binary | std::ios::trunc);
  out.write(bytes, static_cast<std::streamsize>(count));
  out.close();
  if (out) return true;
  std::remove(name.c_str());
  diagnostics.error({name, 0}, "this file cannot be written", "make its folder first, or give another path");
  return false;
}

bool write_text(const std::string& name, const std::string& text, Diagnostics& diagnostics) {
  if (!name.empty() && name != "-") return write_bytes(name, text.data(), text.size(), diagnostics);
  std::cout << text;
  return true;
}

std::string product_file(const std::string& name, const std::string& otherwise, bool on_terminal) {
  return !name.empty() ? name : on_terminal ? otherwise : "-";
}

void write_product(const std::string& name, const std::string& otherwise, const std::string& text,
                   Diagnostics& diagnostics) {
  const std::string file = product_file(name, otherwise, isatty(STDOUT_FILENO) != 0);
  if (write_text(file, text, diagnostics) && name.empty() && file != "-") std::cout << file << ": written\n";
}

}  // namespace tool
