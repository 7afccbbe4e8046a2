// SPDX-License-Identifier: Apache-2.0
//
// What the commands share (commands.hpp): diagnostics on a terminal, files that are written.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "tools/granary/commands.hpp"

namespace tool {

int finish(const Diagnostics& diagnostics) {
  diagnostics.print(std::cerr, isatty(STDERR_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr);
  return diagnostics.failed() ? kRefused : 0;
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

}  // namespace tool
