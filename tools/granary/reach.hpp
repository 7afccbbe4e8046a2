// SPDX-License-Identifier: Apache-2.0
//
// Reach: who can ever hold what, and with it reach whom. It begins with the capabilities of the manifest and adds all
// that silos could pass on: in messages and replies, to children, under published names, and objects that a silo may
// make itself. Flow rules hold it back as the kernel does. Larger than what programs will do, never smaller.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tools/granary/manifest.hpp"

namespace tool {

class Reach {
 public:
  explicit Reach(const Manifest& manifest);

  /// How `silo` can reach the silo, or hold the object or device, that is called `target`: a sentence for each step;
  /// empty if it cannot.
  std::vector<std::string> way(const std::string& silo, const std::string& target) const;
  /// It needs nothing to be passed on for that.
  bool directly(const std::string& silo, const std::string& other) const;
  /// Every silo that `silo` can reach.
  std::set<std::string> reached_by(const std::string& silo) const;
  /// There is a silo, object, device or name that is called so.
  bool knows(const std::string& target) const;
  /// All that can be the target of an assertion.
  std::vector<std::string> targets() const;
  /// Who by the manifest receives from the object, and does not give to it: to hold it is their business.
  std::set<std::string> receivers_of(const std::string& object) const;

 private:
  struct Object {
    std::string name;
    std::string words;  ///< "port `command`"
    bool is_port = false, is_channel = false, is_made = false;
  };
  struct Holding {
    unsigned silo;
    unsigned object;
    std::uint64_t rights;
    std::optional<std::size_t> source;  ///< the holding it was passed on from
    std::string how;
  };
  struct Gift {
    unsigned from, to;
    std::string how;
  };

  void begin();
  void pass_on();
  std::vector<Gift> gifts() const;
  bool add(Holding holding);
  bool flows_permit(const Holding& holding) const;
  std::string name_of(unsigned silo) const { return manifest_.silos[silo].name; }
  unsigned number_of(const std::string& silo) const;
  std::vector<std::string> steps(std::size_t holding) const;

  const Manifest& manifest_;
  std::vector<Object> objects_;
  std::vector<Holding> holdings_;
  std::set<std::pair<std::string, std::string>> flows_;
};

}  // namespace tool
