// SPDX-License-Identifier: Apache-2.0
//
// `granary report`: what a system is made of, for a reader (HTML, one file, no scripts) and for a program (JSON):
// memory of each silo, its capabilities with their rights, when it runs, whom it reaches or could be enabled to reach.
#pragma once

#include <string>
#include <vector>

#include "tools/granary/layout.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/stack_bounds.hpp"

namespace tool {

struct Report {
  const Manifest& manifest;
  const std::vector<Layout>& layouts;  ///< one for each silo, in its order
  std::uint64_t image_bytes;
  std::vector<StackBound> stacks{};
};

std::string report_json(const Report& report);
std::string report_html(const Report& report);

/// "PortSend, PortCall": names of ipc/abi/rights.def.
std::vector<std::string> rights_words(std::uint64_t rights);
/// "port", "channel", ...
std::string type_word(abi::ObjectType type);

/// The address spaces of all silos, a bar each.
std::string memory_picture(const Manifest& manifest, const std::vector<Layout>& layouts);
/// The windows of each core that has any; empty if none has.
std::string schedule_picture(const Manifest& manifest);

}  // namespace tool
