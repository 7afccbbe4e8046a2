// SPDX-License-Identifier: Apache-2.0
//
// Writing the system image (image.hpp). The blob is written twice: once to learn its size, which fixes where the data
// lies, and once with those positions; numbers have a fixed width, so the size is the same.
#include "tools/granary/image.hpp"

#include <libfdt.h>

#include <algorithm>
#include <stdexcept>

#include "ipc/abi/abi.hpp"
#include "ipc/abi/system_image.hpp"
#include "tools/granary/capabilities.hpp"
#include "tools/granary/crc32.hpp"
#include "tools/granary/read_restart.hpp"
#include "tools/granary/schedule.hpp"

namespace tool {
namespace {

std::uint64_t page_up(std::uint64_t bytes) { return (bytes + kPageBytes - 1) / kPageBytes * kPageBytes; }

/// Sequential writer that grows its buffer: an error of libfdt other than "no space" is a defect of this program.
class Blob {
 public:
  explicit Blob(std::size_t bytes) : buffer_(bytes) { check(fdt_create(buffer_.data(), static_cast<int>(bytes))); }

  void begin(const std::string& name) { check(fdt_begin_node(buffer_.data(), name.c_str())); }
  void end() { check(fdt_end_node(buffer_.data())); }
  void text(const char* name, const std::string& value) {
    check(fdt_property(buffer_.data(), name, value.c_str(), static_cast<int>(value.size() + 1)));
  }
  void word(const char* name, std::uint64_t value) {
    check(fdt_property_u32(buffer_.data(), name, static_cast<std::uint32_t>(value)));
  }
  void wide(const char* name, std::uint64_t value) { check(fdt_property_u64(buffer_.data(), name, value)); }
  void start() { check(fdt_finish_reservemap(buffer_.data())); }

  /// The finished blob; empty if the buffer was too small.
  std::vector<std::uint8_t> finish() {
    check(fdt_finish(buffer_.data()));
    if (is_full_) return {};
    buffer_.resize(fdt_totalsize(buffer_.data()));
    return std::move(buffer_);
  }

 private:
  void check(int status) {
    if (status == -FDT_ERR_NOSPACE) is_full_ = true;
    if (status != 0 && !is_full_) throw std::logic_error(std::string("libfdt: ") + fdt_strerror(status));
  }

  std::vector<std::uint8_t> buffer_;
  bool is_full_ = false;
};

const char* type_name(abi::ObjectType type) {
  switch (type) {
    case abi::ObjectType::Port: return "port";
    case abi::ObjectType::Channel: return "channel";
    case abi::ObjectType::Console: return "console";
    case abi::ObjectType::Silo: return "silo";
    case abi::ObjectType::System: return "system";
    case abi::ObjectType::AsyncChannel: return "async";
    case abi::ObjectType::Notification: return "notification";
    case abi::ObjectType::Semaphore: return "semaphore";
    case abi::ObjectType::Region: return "region";
    case abi::ObjectType::Audit: return "audit";
    case abi::ObjectType::Trace: return "trace";
    case abi::ObjectType::Interrupt: return "interrupt";
    case abi::ObjectType::Timer:
    case abi::ObjectType::None: break;
  }
  throw std::logic_error("a capability without a type");
}

class Writer {
 public:
  Writer(const Manifest& manifest, const std::vector<Layout>& layouts) : manifest_(manifest), layouts_(layouts) {}

  /// The blob for an image whose data begins at `data_begin` and that has `image_bytes` in all.
  std::vector<std::uint8_t> blob(std::uint64_t data_begin, std::uint64_t image_bytes) {
    for (std::size_t room = 64 << 10;; room *= 2) {
      position_ = data_begin;
      Blob out(room);
      out.start();
      write(out, image_bytes);
      if (std::vector<std::uint8_t> bytes = out.finish(); !bytes.empty()) return bytes;
    }
  }

 private:
  void write(Blob& out, std::uint64_t image_bytes) {
    out.begin("");
    out.text("compatible", abi::kSystemImageCompatible);
    out.word("abi-version", abi::kVersionMajor << 16 | abi::kVersionMinor);
    out.text("system", manifest_.system);
    if (manifest_.fold_cores) out.word("fold-cores", 1);
    out.word("image-size", image_bytes);
    out.word("crc32", 0);
    out.begin("objects");
    for (const Port& port : manifest_.ports) write(out, port);
    for (const Channel& channel : manifest_.channels) write(out, channel);
    for (const SharedObject& object : manifest_.shared) write(out, object);
    for (const InterruptLine& line : manifest_.interrupts) write(out, line);
    out.end();
    out.begin("silos");
    for (std::size_t i = 0; i < manifest_.silos.size(); ++i) write(out, manifest_.silos[i], layouts_[i], i);
    out.end();
    out.begin("names");
    unsigned number = 0;
    for (const PublishedName& name : manifest_.published) {
      write_name(out, number++, name, name.publisher, false, 0);
      for (const Client& client : name.connectors) write_name(out, number++, name, client.silo, true, client.badge);
    }
    out.end();
    if (!manifest_.schedules.empty()) write_windows(out);
    out.end();
  }

  static void write(Blob& out, const Contract& messages) {
    if (!messages.empty()) out.wide("contract", contract_hash(messages));
  }
  static void write_spoken(Blob& out, const char* property, const Layout& layout, const std::string& what) {
    if (const auto spoken = layout.contracts.find(what); spoken != layout.contracts.end())
      out.wide(property, spoken->second);
  }

  void write(Blob& out, const Port& port) {
    const auto owner = static_cast<std::uint64_t>(manifest_.find_silo(port.owner.name) - manifest_.silos.data());
    out.begin("object@" + std::to_string(port.object));
    out.text("type", "port");
    out.text("name", port.name);
    out.word("owner", owner);
    write(out, port.messages);
    out.end();
  }

  void write(Blob& out, const Channel& channel) {
    out.begin("object@" + std::to_string(channel.object));
    out.text("type", "channel");
    out.text("name", channel.name);
    out.word("capacity", channel.capacity);
    out.word("lanes", channel.duplex ? 3 : 1);
    if (channel.redelivers) out.word("redelivers", 1);
    write(out, channel.messages);
    out.end();
  }

  void write(Blob& out, const SharedObject& object) {
    out.begin("object@" + std::to_string(object.object));
    out.text("type", type_name(object.type));
    out.text("name", object.name);
    out.word("amount", object.amount);
    write(out, object.messages);
    out.end();
  }

  void write(Blob& out, const InterruptLine& line) {
    out.begin("object@" + std::to_string(line.object));
    out.text("type", "interrupt");
    out.text("name", line.name);
    out.word("owner", number_of(line.silo));
    out.word("rate", line.rate);
    out.word("burst", line.burst);
    write(out, line.place);
    out.end();
  }

  void write(Blob& out, const Device& device, std::size_t number) {
    out.begin("device@" + std::to_string(number));
    out.text("name", device.name);
    out.wide("address", device.address);
    out.wide("size", device.bytes);
    write(out, device.place);
    out.end();
  }

  static void write(Blob& out, const BoardPath& place) {
    for (std::size_t board = 0; board < kBoardNames.size(); ++board) {
      const std::string suffix = board == 0 ? "" : std::string("-") + kBoardNames[board];
      if (!place.path[board].empty()) out.text(("path" + suffix).c_str(), place.path[board]);
      if (place.index[board]) out.word(("index" + suffix).c_str(), *place.index[board]);
    }
  }

  std::uint64_t number_of(const Reference& silo) const {
    return static_cast<std::uint64_t>(manifest_.find_silo(silo.name) - manifest_.silos.data());
  }

  void write_name(Blob& out, unsigned number, const PublishedName& name, const Reference& silo, bool connects,
                  std::uint64_t badge) {
    out.begin("name@" + std::to_string(number));
    out.text("name", name.name);
    out.word("silo", number_of(silo));
    out.word("connects", connects ? 1 : 0);
    out.wide("badge", badge);
    if (!connects) write(out, name.messages);
    write_spoken(out, "program-contract", layouts_[number_of(silo)], "name " + name.name);
    out.end();
  }

  void write_windows(Blob& out) {
    out.begin("windows");
    unsigned number = 0;
    for (const WindowStart& window : windows_of(manifest_)) {
      out.begin("window@" + std::to_string(number++));
      out.word("core", window.core);
      out.word("length", window.length);
      out.word("partition", window.partition);
      out.end();
    }
    out.end();
  }

  /// The row of the flow policy: a bit for each silo.
  void write_reach(Blob& out, const Silo& silo) {
    if (!manifest_.flows) return;
    std::uint64_t reach[2] = {};
    for (const Flow& flow : *manifest_.flows) {
      if (flow.from.name != silo.name) continue;
      const auto to = static_cast<std::uint64_t>(manifest_.find_silo(flow.to.name) - manifest_.silos.data());
      reach[to / 64] |= std::uint64_t{1} << (to % 64);
    }
    out.wide("reach-low", reach[0]);
    out.wide("reach-high", reach[1]);
  }

  void write(Blob& out, const Silo& silo, const Layout& layout, std::size_t number) {
    out.begin("silo@" + std::to_string(number));
    out.text("name", silo.name);
    out.wide("argument", silo.argument);
    out.word("capability-slots", capability_slots_of(manifest_, silo));
    out.word("label", silo.label);
    write_reach(out, silo);
    for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind)
      out.word((std::string("quota-") + abi::kQuotaKeys[kind]).c_str(), silo.quota.limit[kind]);
    if (const unsigned partition = partition_of(manifest_, silo); partition != 0) out.word("partition", partition);
    write_restart(out, silo);
    if (silo.watchdog != 0) out.word("watchdog", silo.watchdog);
    if (silo.rate.messages != 0) out.word("rate-messages", silo.rate.messages);
    if (silo.rate.bytes != 0) out.word("rate-bytes", silo.rate.bytes);
    if (silo.rate.burst != 0) out.word("rate-burst", silo.rate.burst);
    out.begin("regions");
    for (std::size_t i = 0; i < layout.regions.size(); ++i) write(out, layout.regions[i], i);
    out.end();
    out.begin("threads");
    for (std::size_t i = 0; i < layout.threads.size(); ++i) write(out, layout.threads[i], i);
    out.end();
    if (!layout.images.empty()) write_images(out, silo, layout);
    out.begin("devices");
    std::size_t devices = 0;
    for (const Device& device : manifest_.devices)
      if (device.silo.name == silo.name) write(out, device, devices++);
    out.end();
    out.begin("capabilities");
    const std::vector<Capability> capabilities = capabilities_of(manifest_, silo);
    for (std::size_t i = 0; i < capabilities.size(); ++i) write(out, capabilities[i], i, layout);
    out.end();
    out.end();
  }

  void write_images(Blob& out, const Silo& silo, const Layout& layout) {
    out.begin("images");
    for (std::size_t i = 0; i < layout.images.size(); ++i) {
      const Layout& image = layout.images[i];
      out.begin("image@" + std::to_string(i + 1));
      out.text("name", silo.images[i].name);
      out.begin("regions");
      for (std::size_t region = 0; region < image.regions.size(); ++region) write(out, image.regions[region], region);
      out.end();
      out.begin("threads");
      for (std::size_t thread = 0; thread < image.threads.size(); ++thread) write(out, image.threads[thread], thread);
      out.end();
      out.end();
    }
    out.end();
  }

  void write_restart(Blob& out, const Silo& silo) {
    const Restart& restart = silo.restart;
    if (restart.mode != abi::RestartMode::Never) out.word("restart", static_cast<unsigned>(restart.mode));
    if (restart.limit != 0) out.word("restart-limit", restart.limit);
    if (restart.period != 0) out.word("restart-period", restart.period);
    if (restart.backoff != 0) out.word("restart-backoff", restart.backoff);
    if (restart.then != abi::SafeState::StayDown) out.word("restart-then", static_cast<unsigned>(restart.then));
    if (const unsigned group = group_of(manifest_, silo); group != 0) out.word("restart-group", group);
  }

  void write(Blob& out, const Region& region, std::size_t number) {
    out.begin("region@" + std::to_string(number));
    out.text("name", region.name);
    out.wide("address", region.address);
    out.wide("size", region.bytes);
    out.word("access", region.access);
    if (region.room != 0) out.wide("room", region.room);
    if (!region.data.empty()) {
      out.word("data-position", position_);
      out.word("data-size", region.data.size());
      out.word("crc32", crc32(region.data));
      position_ += page_up(region.data.size());
    }
    out.end();
  }

  void write(Blob& out, const ThreadStart& thread, std::size_t number) {
    out.begin("thread@" + std::to_string(number));
    out.text("name", thread.name);
    out.wide("entry", thread.entry);
    out.wide("stack-pointer", thread.stack_pointer);
    out.word("priority", thread.priority);
    out.word("core", thread.core);
    out.wide("argument", thread.argument);
    if (thread.budget.amount != 0) {
      out.word("budget", thread.budget.amount);
      out.word("period", thread.budget.period);
      out.word("overrun", static_cast<std::uint64_t>(thread.budget.overrun));
    }
    out.end();
  }

  void write(Blob& out, const Capability& capability, std::size_t number, const Layout& layout) {
    out.begin("capability@" + std::to_string(number));
    out.word("slot", capability.slot);
    out.text("name", capability.name);
    out.text("type", type_name(capability.type));
    out.word("object", capability.object);
    out.word("end", capability.end);
    out.wide("rights", capability.rights);
    out.wide("badge", capability.badge);
    if (capability.deadline != 0) out.word("deadline", capability.deadline);
    const std::string what = std::string(type_name(capability.type)) + " " + capability.name;
    write_spoken(out, "contract", layout, what);
    for (std::size_t i = 0; i < layout.images.size(); ++i)
      write_spoken(out, ("contract-" + std::to_string(i + 1)).c_str(), layout.images[i], what);
    out.end();
  }

  const Manifest& manifest_;
  const std::vector<Layout>& layouts_;
  std::uint64_t position_ = 0;
};

/// In the order in which the blob tells their data's positions.
std::vector<const Region*> regions_of(const std::vector<Layout>& layouts) {
  std::vector<const Region*> regions;
  for (const Layout& layout : layouts) {
    for (const Region& region : layout.regions) regions.push_back(&region);
    for (const Layout& image : layout.images)
      for (const Region& region : image.regions) regions.push_back(&region);
  }
  return regions;
}

void seal(std::vector<std::uint8_t>& blob) {
  const std::uint32_t sum = crc32(blob);
  const int root = fdt_path_offset(blob.data(), "/");
  if (root < 0 || fdt_setprop_inplace_u32(blob.data(), root, "crc32", sum) != 0)
    throw std::logic_error("the blob has no place for its CRC");
}

}  // namespace

std::vector<std::uint8_t> make_image(const Manifest& manifest, const std::vector<Layout>& layouts) {
  Writer writer(manifest, layouts);
  const std::uint64_t data_begin = page_up(abi::kSystemImageHeaderBytes + writer.blob(0, 0).size());
  std::uint64_t bytes = data_begin;
  const std::vector<const Region*> regions = regions_of(layouts);
  for (const Region* const region : regions) bytes += page_up(region->data.size());
  std::vector<std::uint8_t> blob = writer.blob(data_begin, bytes);
  seal(blob);
  std::vector<std::uint8_t> image(abi::kSystemImageMagic, abi::kSystemImageMagic + abi::kSystemImageHeaderBytes);
  image.insert(image.end(), blob.begin(), blob.end());
  image.resize(data_begin);
  for (const Region* const region : regions) {
    image.insert(image.end(), region->data.begin(), region->data.end());
    image.resize(page_up(image.size()));
  }
  return image;
}

void check_image_size(std::uint64_t bytes, const std::string& board, const Location& where, Diagnostics& diagnostics) {
  const bool fits_the_format = bytes < (std::uint64_t{1} << 31);
  if (bytes <= kPi4ImageLimit) return;
  const std::string reason = "the system image has " + std::to_string((bytes + (1 << 20) - 1) >> 20) + " MiB; on a " +
                             "Raspberry Pi 4 more than " + std::to_string(kPi4ImageLimit >> 20) +
                             " MiB would overwrite the device tree";
  const std::string remedy = "make the programs' initialised data smaller (zero-filled data costs nothing)";
  if (board == "raspi4b" || !fits_the_format) {
    diagnostics.error(where, reason, remedy);
  } else {
    diagnostics.warning(where, reason, remedy + ", or run it on other boards only");
  }
}

}  // namespace tool
