// SPDX-License-Identifier: Apache-2.0
//
// Links: everything by which silos of a manifest are connected, in one form, for pictures and reports. A link has
// users; each gives to it, takes from it, or both, with the words that say how.
#pragma once

#include <string>
#include <vector>

#include "tools/granary/manifest.hpp"

namespace tool {

struct LinkUser {
  std::string silo{};
  bool gives = false;  ///< something gets from it to the others
  bool takes = false;
  std::string rights{};  ///< "call", "read"
};

struct Link {
  std::string kind{};  ///< "port", "channel", "name", ...
  std::string name{};
  std::string detail{};  ///< "16 messages", "64 KiB"
  std::vector<LinkUser> users{};
  bool in_cycle = false;  ///< a refused wait cycle goes through it
};

/// Ports, channels, what else is shared, names, children and observers: each in the order of the file.
std::vector<Link> links_of(const Manifest& manifest);

}  // namespace tool
