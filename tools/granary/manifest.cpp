// SPDX-License-Identifier: Apache-2.0
//
// Look-ups in a manifest (manifest.hpp).
#include "tools/granary/manifest.hpp"

#include <algorithm>

namespace tool {

bool is_prebuilt(const std::vector<std::string>& program) {
  return program.size() == 1 && std::filesystem::path(program[0]).extension() == ".elf";
}

const Silo* Manifest::find_silo(const std::string& name) const {
  for (const Silo& silo : silos)
    if (silo.name == name) return &silo;
  return nullptr;
}

std::filesystem::path Manifest::resolve(const std::string& program) const {
  return (file.parent_path() / program).lexically_normal();
}

std::vector<std::string> Manifest::silo_names() const {
  std::vector<std::string> names;
  for (const Silo& silo : silos) names.push_back(silo.name);
  return names;
}

unsigned Manifest::cores() const {
  unsigned highest = 0;
  if (fold_cores) return 1;
  for (const Silo& silo : silos)
    for (const Thread& thread : silo.threads) highest = std::max(highest, thread.core);
  for (const Schedule& schedule : schedules) highest = std::max(highest, schedule.core);
  return highest + 1;
}

}  // namespace tool
