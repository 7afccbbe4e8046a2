// SPDX-License-Identifier: Apache-2.0
//
// See heaps.hpp. The linker leaves out what no program calls: one that has malloc calls it, by itself or by `new`.
#include "tools/granary/heaps.hpp"

#include "tools/granary/elf_file.hpp"
#include "tools/granary/text.hpp"

namespace tool {

void warn_about_heaps(const Manifest& manifest, const std::filesystem::path& folder, Diagnostics& diagnostics) {
  const auto takes_memory = [&](const Silo& silo, const std::string& name) {
    Diagnostics told_already;
    return read_elf(folder / silo.name / (name + ".elf"), told_already).symbol("malloc").has_value();
  };
  for (const Silo& silo : manifest.silos) {
    if (silo.heap_bytes != 0) continue;
    bool is_needed = !is_prebuilt(silo.program) && takes_memory(silo, silo.name);
    for (const ProgramImage& image : silo.images)
      is_needed = is_needed || (!is_prebuilt(image.program) && takes_memory(silo, image.name));
    if (is_needed)
      diagnostics.warning(silo.at,
                          "the program of silo " + ticked(silo.name) + " takes memory from a heap, and it has none",
                          "write heap = \"64 KiB\", or what it needs");
  }
}

}  // namespace tool
