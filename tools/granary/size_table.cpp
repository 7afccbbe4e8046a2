// SPDX-License-Identifier: Apache-2.0
//
// What `granary build` says of a system that is built: size_table and size_json of project.hpp.
#include <iomanip>
#include <sstream>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/json.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/text.hpp"

namespace tool {

std::string size_table(const Manifest& manifest, const std::vector<Layout>& layouts, std::uint64_t image_bytes) {
  std::uint64_t total = 0;
  std::ostringstream out;
  out << std::left << std::setw(24) << "silo" << std::right << std::setw(10) << "memory" << std::setw(9) << "threads"
      << std::setw(14) << "capabilities" << '\n';
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    total += layouts[i].memory_bytes();
    out << std::left << std::setw(24) << manifest.silos[i].name << std::right << std::setw(10)
        << size_text(layouts[i].memory_bytes()) << std::setw(9) << layouts[i].threads.size() << std::setw(14)
        << capabilities_of(manifest, manifest.silos[i]).size() << '\n';
  }
  out << std::left << std::setw(24) << "total" << std::right << std::setw(10) << size_text(total) << "    system image "
      << size_text(image_bytes) << '\n';
  return out.str();
}

std::string size_json(const Manifest& manifest, const std::vector<Layout>& layouts, const std::string& image,
                      std::uint64_t image_bytes) {
  Json json;
  json.open('{').pair("system", manifest.system).pair("image", image).pair("image_bytes", image_bytes);
  json.open("silos", '[');
  for (std::size_t i = 0; i < layouts.size(); ++i)
    json.open('{')
        .pair("name", manifest.silos[i].name)
        .pair("memory_bytes", layouts[i].memory_bytes())
        .pair("threads", std::uint64_t{layouts[i].threads.size()})
        .pair("capabilities", std::uint64_t{capabilities_of(manifest, manifest.silos[i]).size()})
        .close('}');
  return json.close(']').close('}').text() + "\n";
}

}  // namespace tool
