// SPDX-License-Identifier: Apache-2.0
//
// System images for tests of boot/: a whole one that is sound, whose parts a test changes before build(). Written by
// libfdt and independent of tools/granary, so that tool and kernel are tested against the format and not against each
// other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hal/crc32_table.hpp"
#include "ipc/abi/system_image.hpp"
#include "test/fakes/device_tree_builder.hpp"

namespace fakes {

struct ImageRegion {
  std::string name;
  std::uint64_t address, size;
  std::uint32_t access;
  std::vector<std::uint8_t> data;
  std::optional<std::uint32_t> position{}, crc{};  ///< instead of the right ones
  std::uint64_t room = 0;
};
struct ImageThread {
  std::string name = "main";
  std::uint64_t entry = 0x1'0000, stack_pointer = 0x2'4000;
  std::uint32_t priority = 10, core = 0;
  std::array<std::uint32_t, 3> budget{};  ///< amount, period, overrun; none if the first is 0
};
struct ImageCapability {
  std::uint32_t slot;
  std::string type;
  std::uint32_t object, end;
  std::uint64_t rights, badge = 0;
  std::uint32_t deadline = 0;
  std::uint64_t contract = 0;
};
/// Of a silo that has several.
struct ImageProgram {
  std::string name;
  std::vector<ImageRegion> regions{};
  std::vector<ImageThread> threads{{}};
};
struct ImageSilo {
  std::string name;
  std::uint32_t capability_slots = 16;
  abi::Quotas quotas{};
  std::array<std::uint32_t, 3> rate{};  ///< messages, bytes, burst
  std::uint32_t watchdog = 0;
  std::vector<ImageRegion> regions{};
  std::vector<ImageThread> threads{{}};
  std::vector<ImageCapability> capabilities{};
  std::vector<ImageProgram> images{};
};
struct ImageName {
  std::string name;
  std::uint32_t silo = 0, connects = 0;
  std::uint64_t contract = 0, program_contract = 0;
};
struct ImageObject {
  std::string type, name;
  std::uint32_t owner = 0, capacity = 0, lanes = 0;
  std::uint64_t contract = 0;
};

struct ImageDescription {
  std::string compatible = abi::kSystemImageCompatible;
  std::uint32_t abi_version = 1;
  std::string system = "test";
  std::optional<std::uint32_t> image_bytes{};
  std::vector<ImageObject> objects;
  std::vector<ImageSilo> silos;
  std::vector<ImageName> names{};
  std::vector<std::array<std::uint32_t, 3>> windows{};  ///< core, length, partition
  const char* left_out = nullptr;                       ///< a property that is nowhere written
  const char* shortened = nullptr;                      ///< a number that is written with 3 bytes

  /// Two silos, a port, a channel.
  ImageDescription() {
    std::vector<std::uint8_t> code(5000);
    for (std::size_t i = 0; i < code.size(); ++i) code[i] = static_cast<std::uint8_t>(i * 7);
    const auto regions = [&] {
      return std::vector<ImageRegion>{{"text", 0x1'0000, 0x2000, 5, code},
                                      {"data", 0x1'8000, 0x1000, 3, {1, 2, 3}},
                                      {"constants", 0x1'a000, 0x1000, 1, {9}},
                                      {"stack", 0x2'0000, 0x4000, 3, {}}};
    };
    objects = {{"port", "command", 1}, {"channel", "samples", 0, 4, 1}};
    silos = {{"first"}, {"second"}};
    silos[0].regions = regions();
    silos[0].capabilities = {{1, "port", 0, 0, 0x20, 77}, {2, "channel", 1, 0, 0x100}, {3, "console", 0, 0, 0x1000}};
    silos[1].regions = regions();
    silos[1].capabilities = {
        {1, "port", 0, 0, 0x40}, {2, "channel", 1, 1, 0x200}, {3, "silo", 0, 0, 0x2000}, {4, "system", 0, 0, 0x4000}};
  }

  Blob build() const {
    const std::size_t data_begin = page_up(kHeader + description(0, 0).size());
    std::vector<std::uint8_t> data;
    const auto append = [&data](const std::vector<ImageRegion>& regions) {
      for (const ImageRegion& region : regions) {
        data.insert(data.end(), region.data.begin(), region.data.end());
        data.resize(page_up(data.size()));
      }
    };
    for (const ImageSilo& silo : silos) {
      append(silo.regions);
      for (const ImageProgram& image : silo.images) append(image.regions);
    }
    Blob blob = description(data_begin, data_begin + data.size());
    const int root = fdt_path_offset(blob.data(), "/");
    static_cast<void>(fdt_setprop_inplace_u32(blob.data(), root, "crc32", crc(blob.copy())));
    std::vector<std::uint8_t> image(abi::kSystemImageMagic, abi::kSystemImageMagic + kHeader);
    image.insert(image.end(), blob.data(), blob.data() + blob.size());
    image.resize(data_begin);
    image.insert(image.end(), data.begin(), data.end());
    return Blob(image);
  }

  static std::uint32_t crc(const std::vector<std::uint8_t>& bytes) {
    return hal::crc32_by_table(0, reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
  }
  static constexpr std::size_t kHeader = abi::kSystemImageHeaderBytes;

 private:
  static std::size_t page_up(std::size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

  /// A builder that leaves out or shortens what the test wants.
  struct Out : DeviceTreeBuilder {
    const ImageDescription* self;
    void word(const char* name, std::uint32_t value) {
      if (skip(name)) return;
      if (self->shortened != nullptr && std::string(self->shortened) == name) {
        text(name, "ab");
      } else {
        cells(name, {value});
      }
    }
    void number(const char* name, std::uint64_t value) {
      if (skip(name)) return;
      if (self->shortened != nullptr && std::string(self->shortened) == name) {
        cells(name, {0});
      } else {
        wide(name, value);
      }
    }
    void string(const char* name, const std::string& value) {
      if (!skip(name)) text(name, value.c_str());
    }
    bool skip(const char* name) const { return self->left_out != nullptr && std::string(self->left_out) == name; }
  };

  void program(Out& out, const std::vector<ImageRegion>& regions, const std::vector<ImageThread>& threads,
               std::size_t& position) const {
    out.begin("regions");
    for (const ImageRegion& region : regions) {
      out.begin("region@0");
      out.string("name", region.name);
      out.number("address", region.address);
      out.number("size", region.size);
      out.word("access", region.access);
      if (region.room != 0) out.number("room", region.room);
      if (!region.data.empty()) {
        out.word("data-position", region.position.value_or(static_cast<std::uint32_t>(position)));
        out.word("data-size", static_cast<std::uint32_t>(region.data.size()));
        out.word("crc32", region.crc.value_or(crc(region.data)));
        position += page_up(region.data.size());
      }
      out.end();
    }
    out.end().begin("threads");
    for (const ImageThread& thread : threads) {
      out.begin("thread@0");
      out.string("name", thread.name);
      out.number("entry", thread.entry);
      out.number("stack-pointer", thread.stack_pointer);
      out.word("priority", thread.priority);
      out.word("core", thread.core);
      out.number("argument", 3);
      if (thread.budget[0] != 0) {
        out.word("budget", thread.budget[0]);
        out.word("period", thread.budget[1]);
        out.word("overrun", thread.budget[2]);
      }
      out.end();
    }
    out.end();
  }

  Blob description(std::size_t data_begin, std::size_t total) const {
    Out out;
    out.self = this;
    std::size_t position = data_begin;
    out.begin("");
    out.string("compatible", compatible);
    out.word("abi-version", abi_version);
    out.string("system", system);
    out.word("image-size", image_bytes.value_or(static_cast<std::uint32_t>(total)));
    out.word("crc32", 0);
    out.begin("objects");
    for (const ImageObject& object : objects) {
      out.begin("object@0");
      out.string("type", object.type);
      out.string("name", object.name);
      if (object.type == "port") out.word("owner", object.owner);
      if (object.contract != 0) out.number("contract", object.contract);
      if (object.type == "channel") {
        out.word("capacity", object.capacity);
        out.word("lanes", object.lanes);
      }
      out.end();
    }
    out.end().begin("silos");
    for (const ImageSilo& silo : silos) {
      out.begin("silo@0");
      out.string("name", silo.name);
      out.number("argument", 5);
      out.word("capability-slots", silo.capability_slots);
      for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind)
        out.word((std::string("quota-") + abi::kQuotaKeys[kind]).c_str(), silo.quotas.limit[kind]);
      if (silo.rate != std::array<std::uint32_t, 3>{}) {
        out.word("rate-messages", silo.rate[0]);
        out.word("rate-bytes", silo.rate[1]);
        out.word("rate-burst", silo.rate[2]);
      }
      if (silo.watchdog != 0) out.word("watchdog", silo.watchdog);
      program(out, silo.regions, silo.threads, position);
      if (!silo.images.empty()) {
        out.begin("images");
        for (const ImageProgram& image : silo.images) {
          out.begin("image@0");
          out.string("name", image.name);
          program(out, image.regions, image.threads, position);
          out.end();
        }
        out.end();
      }
      out.begin("capabilities");
      for (const ImageCapability& capability : silo.capabilities) {
        out.begin("capability@0");
        out.word("slot", capability.slot);
        out.string("name", "something");
        out.string("type", capability.type);
        out.word("object", capability.object);
        out.word("end", capability.end);
        out.number("rights", capability.rights);
        out.number("badge", capability.badge);
        if (capability.deadline != 0) out.word("deadline", capability.deadline);
        if (capability.contract != 0) out.number("contract", capability.contract);
        out.end();
      }
      out.end().end();
    }
    out.end();
    if (!names.empty()) {
      out.begin("names");
      for (const ImageName& name : names) {
        out.begin("name@0");
        out.string("name", name.name);
        out.word("silo", name.silo);
        out.word("connects", name.connects);
        out.number("badge", 1);
        if (name.contract != 0) out.number("contract", name.contract);
        if (name.program_contract != 0) out.number("program-contract", name.program_contract);
        out.end();
      }
      out.end();
    }
    if (!windows.empty()) {
      out.begin("windows");
      for (const auto& [core, length, partition] : windows) {
        out.begin("window@0");
        out.word("core", core);
        out.word("length", length);
        out.word("partition", partition);
        out.end();
      }
      out.end();
    }
    return out.end().finish();
  }
};

}  // namespace fakes
