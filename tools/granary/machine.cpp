// SPDX-License-Identifier: Apache-2.0
//
// Choosing a machine and putting it in words for run_qemu.py (machine.hpp).
#include "tools/granary/machine.hpp"

#include <array>
#include <fstream>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;

constexpr unsigned kPiCores = 4;
constexpr const char* kPiMemory = "2G";  // of QEMU's model
const Location kCommandLine{"granary", 0};

}  // namespace

Machine complete(Machine said, unsigned cores, Diagnostics& diagnostics) {
  const bool by_card = !said.card.empty();
  if (said.board.empty()) said.board = by_card ? "raspi4b" : "virt";
  if (by_card && !said.is_pi())
    diagnostics.error(kCommandLine, "a card image is for the Raspberry Pi 4, and --board says " + said.board,
                      "leave out --board, or leave out --card");
  if (said.boot.empty()) said.boot = said.is_pi() ? "uboot" : "direct";
  if (by_card && !said.by_uboot())
    diagnostics.error(kCommandLine, "a card is booted by U-Boot, and --boot says " + said.boot,
                      "leave out --boot, or leave out --card");
  if (!said.is_pi()) {
    if (said.cores == 0) said.cores = cores;
    if (said.memory.empty()) said.memory = "512M";
    return said;
  }
  if (said.cores != 0 && said.cores != kPiCores)
    diagnostics.error(
        kCommandLine,
        "the Raspberry Pi 4 has four cores and starts all of them, and --smp says " + std::to_string(said.cores),
        "leave out --smp, or run it on --board virt");
  if (!said.memory.empty() && said.memory != kPiMemory)
    diagnostics.error(
        kCommandLine,
        "the memory of QEMU's Raspberry Pi 4 is 2G and cannot be changed, and --memory says " + said.memory,
        "leave out --memory, or run it on --board virt");
  said.cores = kPiCores;
  said.memory = kPiMemory;
  return said;
}

void check_card(const fs::path& card, Diagnostics& diagnostics) {
  const Location where{card.string(), 0};
  constexpr const char* kRemedy = "make one: granary sdcard -o card.img";
  std::error_code failure;
  const std::uintmax_t bytes = fs::file_size(card, failure);
  if (failure || !fs::is_regular_file(card, failure))
    return diagnostics.error(where, "there is no such card image", kRemedy);
  std::array<char, 512> sector{};
  std::ifstream file(card, std::ios::binary);
  if (!file.is_open())
    return diagnostics.error(where, "this file cannot be read", "give yourself the right to read it");
  if (!file.read(sector.data(), sector.size()) || sector[510] != '\x55' || sector[511] != '\xaa')
    return diagnostics.error(where, "this is no card image: its first block has no table of partitions", kRemedy);
  if ((bytes & (bytes - 1)) != 0)
    diagnostics.error(
        where, "it has " + std::to_string(bytes) + " bytes, and QEMU takes a card only if that is a power of two",
        "copy it, and make the copy longer: truncate -s 64M copy.img");
}

std::vector<std::string> machine_command(const Machine& machine, const Home& home, const fs::path& image) {
  std::vector<std::string> words{"--board",
                                 machine.board,
                                 "--boot",
                                 machine.boot,
                                 "--kernel",
                                 home.kernel.string(),
                                 "--packages",
                                 home.packages.string(),
                                 "--smp",
                                 std::to_string(machine.cores),
                                 "--memory",
                                 machine.memory,
                                 "--gic",
                                 machine.is_pi() ? "2" : "3",
                                 "--qemu-extra=" + machine.more};
  if (!image.empty()) words.insert(words.end(), {"--system", image.string()});
  if (!machine.card.empty()) words.insert(words.end(), {"--sdcard", machine.card.string()});
  return words;
}

}  // namespace tool
