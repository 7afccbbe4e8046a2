// SPDX-License-Identifier: Apache-2.0
//
// Looking for handles in sources (unused_handles.hpp). What is not found by its name may still be used: a program that
// takes handles by number is warned about wrongly, so this warns and never refuses.
#include "tools/granary/unused_handles.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

/// The files that a dependency file names, but for generated headers and those of the SDK and the compiler.
std::set<fs::path> sources_in(const fs::path& dependencies) {
  std::set<fs::path> sources;
  std::istringstream words(text_of(dependencies));
  for (std::string word; words >> word;) {
    const fs::path file = word;
    const std::string name = file.filename().string();
    if (word == "\\" || word.ends_with(":") || name == "handles.hpp" || name == "handles.h") continue;
    if (word.starts_with("/usr/") || word.find("/include/granary/") != std::string::npos) continue;
    if (fs::is_regular_file(file)) sources.insert(file);
  }
  return sources;
}

bool is_part_of_a_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

bool has_word(const std::string& text, const std::string& word) {
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string::npos; ++at) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !is_part_of_a_word(text[at - 1])) && (end == text.size() || !is_part_of_a_word(text[end])))
      return true;
  }
  return false;
}

void warn_about_unused_handles(const Manifest& manifest, const fs::path& folder, Diagnostics& diagnostics) {
  for (const Silo& silo : manifest.silos) {
    if (is_prebuilt(silo.program) || !fs::is_directory(folder / silo.name)) continue;
    std::string text;
    for (const auto& entry : fs::directory_iterator(folder / silo.name))
      if (entry.path().extension() == ".d")
        for (const fs::path& source : sources_in(entry.path())) text += text_of(source) + "\n";
    if (text.empty()) continue;
    for (const Capability& capability : capabilities_of(manifest, silo)) {
      if (capability.type == abi::ObjectType::Console || has_word(text, capability.name) ||
          has_word(text, "HANDLE_" + upper(capability.name)))
        continue;
      diagnostics.warning(silo.at,
                          "silo " + ticked(silo.name) + " has the capability " + ticked(capability.name) +
                              ", and its program never names it",
                          "take the link out of the manifest: nobody needs what nobody uses");
    }
  }
}

}  // namespace tool
