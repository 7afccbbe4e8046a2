// SPDX-License-Identifier: Apache-2.0
//
// Machine: what `granary run` and `granary test` boot in QEMU. What the user did not say follows from the manifest and
// the board; what the board cannot do is refused, never passed over.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"
#include "tools/granary/home.hpp"
#include "tools/granary/manifest.hpp"

namespace tool {

struct Machine {
  std::string board{};           ///< virt or raspi4b; "": raspi4b if there is a card, else virt
  std::string boot{};            ///< direct or uboot; "": uboot on a raspi4b, else direct
  unsigned cores = 0;            ///< 0: as many as the manifest names; the board's own on a raspi4b
  std::string memory{};          ///< "512M"; "": that, and the board's own on a raspi4b
  std::string more{};            ///< arguments for QEMU
  std::filesystem::path card{};  ///< SD card image, for a raspi4b by U-Boot

  bool is_pi() const { return board == "raspi4b"; }
  bool by_uboot() const { return boot == "uboot"; }
};

/// `said` with everything filled in, for a system that wants `cores`.
Machine complete(Machine said, unsigned cores, Diagnostics& diagnostics);
/// Refuses a file that is no card image.
void check_card(const std::filesystem::path& card, Diagnostics& diagnostics);
/// The command line for run_qemu.py, without what the caller adds (--once). "" as the image: it is on the card.
std::vector<std::string> machine_command(const Machine& machine, const Home& home, const std::filesystem::path& image);

}  // namespace tool
