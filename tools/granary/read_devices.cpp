// SPDX-License-Identifier: Apache-2.0
//
// Reading and checking what silos have of the machine (docs/manifest.md). The device tree is not there when a manifest
// is read, so what a path leads to is the kernel's to say, at boot.
#include "tools/granary/read_devices.hpp"

#include <charconv>
#include <map>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr unsigned kDefaultRate = 10'000, kDefaultBurst = 100;
constexpr std::uint64_t kMaximumDeviceBytes = 16 << 20;
constexpr unsigned kMaximumIndex = 255;

unsigned narrow(std::uint64_t value) { return static_cast<unsigned>(value); }

/// `key` is a path, or a table of paths by board; `index` a number, or a table by board.
BoardPath read_place(TomlTable& table, const char* key) {
  BoardPath place{.at = table.at(key)};
  const std::string example = std::string(key) + " = \"/pl031@9010000\"";
  if (table.is_table(key)) {
    table.table(key, "`" + std::string(key) + "` of " + table.what(), [&](TomlTable& boards) {
      for (unsigned board = 1; board < kBoardNames.size(); ++board)
        place.path[board] =
            boards.string(kBoardNames[board], std::string(kBoardNames[board]) + " = \"/soc/timer@7e003000\"")
                .value_or("");
    });
  } else {
    place.path[0] = table.string(key, example).value_or("");
  }
  if (!table.has(key))
    table.diagnostics().error(table.at(), table.what() + " has no `" + key + "`",
                              "write its path in the device tree: " + example);
  if (table.is_table("index")) {
    table.table("index", "`index` of " + table.what(), [&](TomlTable& boards) {
      for (unsigned board = 1; board < kBoardNames.size(); ++board) {
        const auto index = boards.integer(kBoardNames[board], 0, kMaximumIndex);
        if (index) place.index[board] = narrow(*index);
      }
    });
  } else if (const auto index = table.integer("index", 0, kMaximumIndex)) {
    place.index[0] = narrow(*index);
  }
  return place;
}

Reference read_owner(TomlTable& table) {
  Reference silo{{}, table.at("silo")};
  silo.name = table.string("silo", "silo = \"driver\"").value_or("");
  if (!table.has("silo"))
    table.diagnostics().error(table.at(), table.what() + " has no `silo`",
                              "name the silo that drives it: silo = \"driver\"");
  return silo;
}

/// Each silo's devices lie one behind the other, an unmapped page between.
void place_devices(Manifest& manifest, Diagnostics& diagnostics) {
  std::map<std::string, std::uint64_t> next;
  for (Device& device : manifest.devices) {
    std::uint64_t& at = next.emplace(device.silo.name, abi::kDevicesStart).first->second;
    device.address = at;
    at += device.bytes + kPageBytes;
    if (at > abi::kDevicesEnd)
      diagnostics.error(device.at,
                        "the devices of silo `" + device.silo.name + "` have more pages than there is room for",
                        "give them a smaller `size`");
  }
}

/// The number behind the last @ of a path, 0 if there is none.
std::uint64_t unit_address(const std::string& path) {
  const std::size_t at = path.rfind('@');
  std::uint64_t value = 0;
  if (at != std::string::npos) std::from_chars(path.data() + at + 1, path.data() + path.size(), value, 16);
  return value;
}

class Claims {
 public:
  Claims(const char* kind, Diagnostics& diagnostics) : kind_(kind), diagnostics_(diagnostics) {}

  void claim(const std::string& name, const Reference& silo, const BoardPath& place, const Location& at) {
    for (unsigned board = 0; board < kBoardNames.size(); ++board) {
      const std::string& path = place.path[board];
      if (path.empty()) continue;
      if (path[0] != '/' || path.size() == 1 || path.find_first_of(" \t\"") != std::string::npos) {
        diagnostics_.error(place.at, "`" + path + "` of " + kind_ + " `" + name + "` is no path of a device tree",
                           "write it from the root on: \"/soc/timer@7e003000\"");
        continue;
      }
      for (unsigned machine = 1; machine < kBoardNames.size(); ++machine) {
        if (board != machine && (board != 0 || !place.path[machine].empty())) continue;
        const unsigned index = place.index[machine].value_or(place.index[0].value_or(0));
        const auto [first, is_new] = claims_.emplace(Key{machine, path, index}, name);
        if (is_new || first->second == name) continue;
        diagnostics_.error(at,
                           std::string(kind_) + " `" + name + "` of silo `" + silo.name + "` is the same as " + kind_ +
                               " `" + first->second + "`: " + path + ", index " + std::to_string(index),
                           "give it to one silo, once; another one can ask that silo by a port");
        return;
      }
    }
  }

 private:
  struct Key {
    unsigned machine;
    std::string path;
    unsigned index;
    auto operator<=>(const Key&) const = default;
  };
  const char* kind_;
  Diagnostics& diagnostics_;
  std::map<Key, std::string> claims_;
};

}  // namespace

void read_devices(Manifest& manifest, TomlTable& root) {
  root.tables("interrupt", "interrupt", "", [&](const std::string& name, TomlTable& table) {
    InterruptLine line{.name = name, .silo = read_owner(table), .at = table.at()};
    line.place = read_place(table, "interrupt");
    line.rate = narrow(table.integer("rate", 1, abi::kInterruptRateMaximum).value_or(kDefaultRate));
    line.burst = narrow(table.integer("burst", 1, abi::kInterruptRateMaximum).value_or(kDefaultBurst));
    manifest.interrupts.push_back(line);
  });
  root.tables("device", "device", "", [&](const std::string& name, TomlTable& table) {
    Device device{.name = name, .silo = read_owner(table), .at = table.at()};
    device.place = read_place(table, "device");
    device.bytes = table.size("size", kPageBytes, kMaximumDeviceBytes).value_or(kPageBytes);
    manifest.devices.push_back(device);
  });
  place_devices(manifest, root.diagnostics());
}

void check_devices(const Manifest& manifest, Diagnostics& diagnostics) {
  Claims lines("interrupt", diagnostics);
  for (const InterruptLine& line : manifest.interrupts) lines.claim(line.name, line.silo, line.place, line.at);
  Claims devices("device", diagnostics);
  for (const Device& device : manifest.devices) devices.claim(device.name, device.silo, device.place, device.at);
  if (manifest.devices.size() > abi::kDevicesMaximum)
    diagnostics.error(manifest.devices.back().at, "there are more devices than the kernel can give",
                      "at most " + std::to_string(abi::kDevicesMaximum) + " in a system");
}

void warn_about_devices(const Manifest& manifest, Diagnostics& diagnostics) {
  for (const Device& device : manifest.devices) {
    for (const std::string& path : device.place.path) {
      const bool is_slot = path.find("virtio_mmio@") != std::string::npos;
      if (unit_address(path) % kPageBytes == 0 && !is_slot) continue;
      diagnostics.warning(device.at,
                          "device `" + device.name + "` (" + path + ") is a part of a page: silo `" + device.silo.name +
                              "` gets whatever else lies in that page, too",
                          "trust that silo with all of the page; no other silo can have a part of it");
    }
  }
}

}  // namespace tool
