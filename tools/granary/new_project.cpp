// SPDX-License-Identifier: Apache-2.0
//
// `granary new`: copies silos/sdk/template into a new folder; @NAME@ in it becomes the folder's name.
#include <fstream>
#include <iostream>
#include <sstream>

#include "tools/granary/commands.hpp"
#include "tools/granary/text.hpp"

namespace tool {

namespace fs = std::filesystem;

void make_project(const fs::path& where, const fs::path& sdk, Diagnostics& diagnostics) {
  const std::string name = (where.has_filename() ? where : where.parent_path()).filename().string();
  if (const auto defect = name_defect(name))
    return diagnostics.error({where.string(), 0}, "the system's name " + ticked(name) + " " + *defect,
                             is_reserved(name)
                                 ? "choose another name for the folder, such as demo"
                                 : "choose a folder named with small letters, digits and _, such as demo");
  if (const std::string path = fs::absolute(where).string(); !make_can_handle(path))
    return diagnostics.error({where.string(), 0},
                             "the path " + ticked(path) + " has a character that make cannot handle",
                             "choose a folder whose path has letters, digits, and . _ - + / alone");
  std::error_code failure;
  if (fs::exists(where) && (!fs::is_directory(where) || !fs::is_empty(where, failure)))
    return diagnostics.error({where.string(), 0}, "this is there already, and a project would be mixed with it",
                             "choose another name, or empty the folder");
  fs::create_directories(where, failure);
  for (const auto& entry : fs::directory_iterator(sdk / "template")) {
    std::ostringstream read;
    read << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    std::string text = read.str();
    static constexpr std::string_view kPlace = "@NAME@";
    for (std::size_t at = 0; (at = text.find(kPlace, at)) != std::string::npos; at += name.size())
      text.replace(at, kPlace.size(), name);
    if (!write_text((where / entry.path().filename()).string(), text, diagnostics)) return;
  }
}

}  // namespace tool
