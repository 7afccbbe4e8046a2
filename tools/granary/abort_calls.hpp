// SPDX-License-Identifier: Apache-2.0
//
// AbortCalls: the calls of silos that aborted, out of a console. A silo says itself where (silos/sdk/abort.cpp), so
// what it says counts only when the kernel has said that it ended as one that aborts does, and only for its own
// program.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

struct Abort {
  std::string silo{};
  std::string program{};               ///< SILO or SILO/IMAGE
  std::vector<std::uint64_t> calls{};  ///< return addresses, the innermost first
};

class AbortCalls {
 public:
  /// The next line of the console; the abort that is complete with it.
  std::optional<Abort> take(std::string_view line);

 private:
  std::map<std::string, std::vector<std::uint64_t>, std::less<>> said_;
  std::map<std::string, std::string, std::less<>> images_;  ///< that silos were given
};

}  // namespace tool
