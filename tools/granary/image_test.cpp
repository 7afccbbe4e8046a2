// SPDX-License-Identifier: Apache-2.0
//
// The system image, read back with libfdt as the kernel does: every number where it belongs, every byte under a CRC.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/image.hpp"

#include <libfdt.h>

#include "ipc/abi/abi.hpp"
#include "ipc/abi/system_image.hpp"
#include "tools/granary/capabilities.hpp"
#include "tools/granary/crc32.hpp"
#include "tools/granary/tests/elf_builder.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using test::ElfBuilder;

const std::uint8_t* blob_of(const std::vector<std::uint8_t>& image) {
  return image.data() + abi::kSystemImageHeaderBytes;
}

/// Reads one node of the blob; a property that is missing or of another size fails the test.
class Node {
 public:
  Node(const std::vector<std::uint8_t>& image, const std::string& path)
      : blob_(blob_of(image)), offset_(fdt_path_offset(blob_, path.c_str())) {
    EXPECT_GE(offset_, 0) << path;
  }
  std::uint64_t number(const char* name) const {
    int length = 0;
    const void* data = fdt_getprop(blob_, offset_, name, &length);
    if (data != nullptr && length == 4) return fdt32_ld(static_cast<const fdt32_t*>(data));
    if (data != nullptr && length == 8) return fdt64_ld(static_cast<const fdt64_t*>(data));
    ADD_FAILURE() << name;
    return 0;
  }
  std::string text(const char* name) const {
    const char* data = static_cast<const char*>(fdt_getprop(blob_, offset_, name, nullptr));
    return data == nullptr ? "(missing)" : data;
  }
  bool has(const char* name) const { return fdt_getprop(blob_, offset_, name, nullptr) != nullptr; }
  int children() const {
    int count = 0;
    for (int at = fdt_first_subnode(blob_, offset_); at >= 0; at = fdt_next_subnode(blob_, at)) ++count;
    return count;
  }

 private:
  const void* blob_;
  int offset_;
};

class SystemImage : public testing::Test {
 protected:
  SystemImage() {
    Diagnostics diagnostics;
    manifest_ = test::load(test::samples("accepted") / "everything.toml", diagnostics);
    for (const Silo& silo : manifest_.silos) {
      ElfBuilder builder = ElfBuilder::with_text();
      builder.add(PF_R | PF_W, 0x11000, std::vector<std::uint8_t>(5000, 0xab), 0x3000);
      if (silo.heap_bytes != 0) {
        builder.symbol("__heap_start", 0x14000);
        builder.symbol("__heap_end", 0x14000 + silo.heap_bytes);
      }
      builder.symbol("worker_main", 0x10004);
      const ElfFile elf = parse_elf(builder.bytes(), {"a.elf", 0}, diagnostics);
      layouts_.push_back(lay_out(silo, elf, {"a.elf", 0}, diagnostics));
    }
    EXPECT_EQ(test::printed(diagnostics), "");
    image_ = make_image(manifest_, layouts_);
  }

  Manifest manifest_;
  std::vector<Layout> layouts_;
  std::vector<std::uint8_t> image_;
};

TEST_F(SystemImage, begins_with_a_header_that_no_loader_takes_for_a_device_tree) {
  EXPECT_EQ(std::string(image_.begin(), image_.begin() + abi::kSystemImageHeaderBytes), abi::kSystemImageMagic);
  EXPECT_EQ(abi::kSystemImageHeaderBytes % 8, 0U) << "libfdt wants the blob 8-byte aligned";
}

TEST_F(SystemImage, has_an_fdt_blob_that_names_its_format_and_size) {
  ASSERT_EQ(fdt_check_full(blob_of(image_), fdt_totalsize(blob_of(image_))), 0);
  const Node root(image_, "/");
  EXPECT_EQ(root.text("compatible"), "granary,system-image-1");
  EXPECT_EQ(root.number("abi-version"), abi::kVersionMajor << 16 | abi::kVersionMinor);
  EXPECT_EQ(root.text("system"), "everything");
  EXPECT_EQ(root.number("image-size"), image_.size());
}

TEST_F(SystemImage, has_a_crc_over_the_blob_with_its_own_bytes_zero) {
  std::vector<std::uint8_t> blob(blob_of(image_), blob_of(image_) + fdt_totalsize(blob_of(image_)));
  const auto stored = static_cast<std::uint32_t>(Node(image_, "/").number("crc32"));
  ASSERT_EQ(fdt_setprop_inplace_u32(blob.data(), fdt_path_offset(blob.data(), "/"), "crc32", 0), 0);
  EXPECT_EQ(crc32(blob), stored);
  EXPECT_NE(stored, 0U);
  blob[blob.size() / 2] ^= 1;
  EXPECT_NE(crc32(blob), stored) << "one bit of damage is seen";
}

TEST(ContractsInSystemImage, are_of_the_object_and_of_each_program) {
  Diagnostics diagnostics;
  const Manifest manifest = test::load(test::samples("accepted") / "contracts.toml", diagnostics);
  const ElfFile elf = parse_elf(ElfBuilder::with_text().bytes(), {"a.elf", 0}, diagnostics);
  std::vector<Layout> layouts;
  for (const Silo& silo : manifest.silos) layouts.push_back(lay_out(silo, elf, {"a.elf", 0}, diagnostics));
  layouts[1].contracts = {{"port p", 11}, {"channel c", 12}, {"name log", 13}};
  const std::vector<std::uint8_t> image = make_image(manifest, layouts);
  EXPECT_EQ(Node(image, "/objects/object@0").number("contract"), contract_hash(manifest.ports[0].messages));
  EXPECT_EQ(Node(image, "/objects/object@1").number("contract"), contract_hash(manifest.channels[0].messages));
  EXPECT_EQ(Node(image, "/names/name@0").number("contract"), contract_hash(manifest.published[0].messages));
  EXPECT_EQ(Node(image, "/names/name@1").number("program-contract"), 13U);
  bool of_port = false, of_channel = false;
  for (int i = 0; i < Node(image, "/silos/silo@1/capabilities").children(); ++i) {
    const Node node(image, "/silos/silo@1/capabilities/capability@" + std::to_string(i));
    if (node.text("name") == "p") of_port = node.number("contract") == 11;
    if (node.text("name") == "c") of_channel = node.number("contract") == 12;
  }
  EXPECT_TRUE(of_port && of_channel);
}

TEST_F(SystemImage, describes_ports_and_channels_by_number) {
  EXPECT_EQ(Node(image_, "/objects").children(), 8);
  const Node port(image_, "/objects/object@0");
  EXPECT_EQ(port.text("type"), "port");
  EXPECT_EQ(port.text("name"), "command");
  EXPECT_EQ(port.number("owner"), 0U);
  const Node samples(image_, "/objects/object@1"), talk(image_, "/objects/object@2");
  EXPECT_EQ(samples.text("type"), "channel");
  EXPECT_EQ(samples.number("capacity"), 16U);
  EXPECT_EQ(samples.number("lanes"), 1U);
  EXPECT_EQ(talk.number("capacity"), 1024U);
  EXPECT_EQ(talk.number("lanes"), 3U);
}

TEST_F(SystemImage, describes_what_several_silos_share_by_kind_and_amount) {
  const struct {
    const char* type;
    const char* name;
    std::uint64_t amount;
  } expected[] = {
      {"async", "news", 32}, {"notification", "events", 0}, {"semaphore", "turns", 3}, {"region", "frames", 16}};
  for (unsigned i = 0; i < 4; ++i) {
    const Node object(image_, "/objects/object@" + std::to_string(3 + i));
    EXPECT_EQ(object.text("type"), expected[i].type);
    EXPECT_EQ(object.text("name"), expected[i].name);
    EXPECT_EQ(object.number("amount"), expected[i].amount);
  }
}

TEST_F(SystemImage, Q3_describes_interrupts_by_board) {
  const Node line(image_, "/objects/object@7");
  EXPECT_EQ(line.text("type"), "interrupt");
  EXPECT_EQ(line.text("name"), "alarm");
  EXPECT_EQ(line.number("owner"), 0U);
  EXPECT_EQ(line.number("rate"), 500U);
  EXPECT_EQ(line.number("burst"), 8U);
  EXPECT_EQ(line.text("path-virt"), "/pl031@9010000");
  EXPECT_EQ(line.text("path-raspi4b"), "/soc/timer@7e003000");
  EXPECT_EQ(line.number("index-raspi4b"), 1U);
  EXPECT_FALSE(line.has("path") || line.has("index") || line.has("index-virt"));
}

TEST_F(SystemImage, Q1_describes_devices_one_behind_the_other_with_a_page_between) {
  ASSERT_EQ(Node(image_, "/silos/silo@0/devices").children(), 2);
  EXPECT_EQ(Node(image_, "/silos/silo@1/devices").children(), 0);
  const Node clock(image_, "/silos/silo@0/devices/device@0"), frames(image_, "/silos/silo@0/devices/device@1");
  EXPECT_EQ(clock.text("name"), "clock");
  EXPECT_EQ(clock.number("address"), abi::kDevicesStart);
  EXPECT_EQ(clock.number("size"), 0x1000U);
  EXPECT_EQ(frames.text("path"), "/pl061@9030000");
  EXPECT_EQ(frames.number("index"), 0U);
  EXPECT_EQ(frames.number("address"), abi::kDevicesStart + 0x2000);
  EXPECT_EQ(frames.number("size"), 0x2000U);
}

TEST_F(SystemImage, P11_describes_names_with_who_publishes_and_who_connects) {
  ASSERT_EQ(Node(image_, "/names").children(), 3);
  const struct { std::uint64_t silo, connects, badge; } expected[] = {{0, 0, 0}, {1, 1, 9}, {2, 1, 2}};
  for (unsigned i = 0; i < 3; ++i) {
    const Node name(image_, "/names/name@" + std::to_string(i));
    EXPECT_EQ(name.text("name"), "log");
    EXPECT_EQ(name.number("silo"), expected[i].silo);
    EXPECT_EQ(name.number("connects"), expected[i].connects);
    EXPECT_EQ(name.number("badge"), expected[i].badge);
  }
}

TEST_F(SystemImage, N8_describes_labels_and_the_flow_policy) {
  const Node server(image_, "/silos/silo@0"), client(image_, "/silos/silo@1"), watcher(image_, "/silos/silo@2");
  EXPECT_EQ(server.number("label"), 1U | 3U << 8 | 258U << 16);
  EXPECT_EQ(client.number("label"), 0U);
  EXPECT_EQ(server.number("reach-low"), 0b110U);
  EXPECT_EQ(client.number("reach-low"), 0b001U);
  EXPECT_EQ(watcher.number("reach-low"), 0b001U);
  EXPECT_EQ(watcher.number("reach-high"), 0U);
}

TEST_F(SystemImage, describes_each_silo_in_the_order_of_the_manifest) {
  ASSERT_EQ(Node(image_, "/silos").children(), 3);
  const Node server(image_, "/silos/silo@0");
  EXPECT_EQ(server.text("name"), "server");
  EXPECT_EQ(server.number("argument"), 0x1234U);
  EXPECT_EQ(server.number("capability-slots"), 128U);
  EXPECT_EQ(server.number("quota-ports"), 4U);
  EXPECT_EQ(server.number("quota-channels"), 2U);
  EXPECT_EQ(server.number("quota-messages"), 64U);
  EXPECT_EQ(Node(image_, "/silos/silo@1").text("name"), "client");
  const Node watcher(image_, "/silos/silo@2");
  EXPECT_EQ(watcher.text("name"), "watcher");
  EXPECT_EQ(watcher.number("rate-messages"), 1000U);
  EXPECT_EQ(watcher.number("rate-bytes"), 0x10'0000U);
  EXPECT_EQ(watcher.number("rate-burst"), 2U);
  EXPECT_EQ(Node(image_, "/silos/silo@1").number("watchdog"), 100'000U);
  EXPECT_EQ(Node(image_, "/silos/silo@2/capabilities/capability@1").number("deadline"), 5'000U);
}

TEST_F(SystemImage, describes_threads_as_they_are_laid_out) {
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const std::string silo = "/silos/silo@" + std::to_string(i) + "/threads";
    ASSERT_EQ(Node(image_, silo).children(), static_cast<int>(layouts_[i].threads.size()));
    for (std::size_t j = 0; j < layouts_[i].threads.size(); ++j) {
      const ThreadStart& expected = layouts_[i].threads[j];
      const Node thread(image_, silo + "/thread@" + std::to_string(j));
      EXPECT_EQ(thread.text("name"), expected.name);
      EXPECT_EQ(thread.number("entry"), expected.entry);
      EXPECT_EQ(thread.number("stack-pointer"), expected.stack_pointer);
      EXPECT_EQ(thread.number("priority"), expected.priority);
      EXPECT_EQ(thread.number("core"), expected.core);
      EXPECT_EQ(thread.number("argument"), expected.argument);
    }
  }
}

TEST_F(SystemImage, describes_capabilities_as_the_manifest_gives_them) {
  const char* const types[] = {"none",         "port",      "channel", "console", "silo",  "system", "async",
                               "notification", "semaphore", "timer",   "region",  "audit", "trace",  "interrupt"};
  for (std::size_t i = 0; i < manifest_.silos.size(); ++i) {
    const std::string silo = "/silos/silo@" + std::to_string(i) + "/capabilities";
    const std::vector<Capability> expected = capabilities_of(manifest_, manifest_.silos[i]);
    ASSERT_EQ(Node(image_, silo).children(), static_cast<int>(expected.size()));
    for (std::size_t j = 0; j < expected.size(); ++j) {
      const Node capability(image_, silo + "/capability@" + std::to_string(j));
      EXPECT_EQ(capability.number("slot"), expected[j].slot);
      EXPECT_EQ(capability.text("name"), expected[j].name);
      EXPECT_EQ(capability.text("type"), types[static_cast<unsigned>(expected[j].type)]);
      EXPECT_EQ(capability.number("object"), expected[j].object);
      EXPECT_EQ(capability.number("end"), expected[j].end);
      EXPECT_EQ(capability.number("rights"), expected[j].rights);
      EXPECT_EQ(capability.number("badge"), expected[j].badge);
    }
  }
}

TEST_F(SystemImage, carries_the_data_of_each_region_page_aligned_and_under_a_crc) {
  std::uint64_t behind_last = abi::kSystemImageHeaderBytes + fdt_totalsize(blob_of(image_));
  for (std::size_t i = 0; i < layouts_.size(); ++i) {
    const std::string silo = "/silos/silo@" + std::to_string(i) + "/regions";
    ASSERT_EQ(Node(image_, silo).children(), static_cast<int>(layouts_[i].regions.size()));
    for (std::size_t j = 0; j < layouts_[i].regions.size(); ++j) {
      const Region& expected = layouts_[i].regions[j];
      const Node region(image_, silo + "/region@" + std::to_string(j));
      EXPECT_EQ(region.text("name"), expected.name);
      EXPECT_EQ(region.number("address"), expected.address);
      EXPECT_EQ(region.number("size"), expected.bytes);
      EXPECT_EQ(region.number("access"), expected.access);
      EXPECT_EQ(region.has("data-position"), !expected.data.empty()) << "zero-filled regions have none";
      if (expected.data.empty()) continue;
      const std::uint64_t position = region.number("data-position");
      EXPECT_EQ(position % kPageBytes, 0U);
      EXPECT_GE(position, behind_last) << "pieces do not overlap";
      ASSERT_EQ(region.number("data-size"), expected.data.size());
      behind_last = position + expected.data.size();
      ASSERT_LE(behind_last, image_.size());
      const auto begin = image_.begin() + static_cast<std::ptrdiff_t>(position);
      const std::vector<std::uint8_t> data(begin, begin + static_cast<std::ptrdiff_t>(expected.data.size()));
      EXPECT_EQ(data, expected.data);
      EXPECT_EQ(region.number("crc32"), crc32(data));
    }
  }
}

TEST_F(SystemImage, is_the_same_for_the_same_input) { EXPECT_EQ(make_image(manifest_, layouts_), image_); }

TEST(SystemImageOfImages, has_the_regions_and_threads_of_each_and_room_for_the_largest) {
  Manifest manifest{.system = "two"};
  manifest.silos.push_back({.name = "a", .images = {{.name = "newer"}}});
  Layout layout;
  layout.regions.push_back({"text", 0x10000, 0x1000, kRead | kExecute, {1, 2, 3}, 0x2000});
  layout.threads.push_back({"main", 0x10000, 0x20000, 0, 5, 0});
  Layout newer;
  newer.regions.push_back({"text", 0x10000, 0x2000, kRead | kExecute, std::vector<std::uint8_t>(5000, 0xcd)});
  newer.threads.push_back({"main", 0x10010, 0x30000, 7, 5, 0});
  layout.images.push_back(newer);
  const std::vector<std::uint8_t> image = make_image(manifest, {layout});
  const Node region(image, "/silos/silo@0/regions/region@0");
  EXPECT_EQ(region.number("room"), 0x2000U);
  EXPECT_EQ(region.number("size"), 0x1000U);
  EXPECT_EQ(Node(image, "/silos/silo@0/images/image@1").text("name"), "newer");
  const Node other(image, "/silos/silo@0/images/image@1/regions/region@0");
  EXPECT_FALSE(other.has("room"));
  EXPECT_EQ(other.number("size"), 0x2000U);
  EXPECT_EQ(other.number("data-position"), region.number("data-position") + 0x1000);
  EXPECT_EQ(other.number("data-size"), 5000U);
  EXPECT_EQ(other.number("crc32"), crc32(newer.regions[0].data));
  EXPECT_EQ(image[other.number("data-position") + 4999], 0xcd);
  EXPECT_EQ(image.size(), other.number("data-position") + 0x2000);
  const Node thread(image, "/silos/silo@0/images/image@1/threads/thread@0");
  EXPECT_EQ(thread.number("entry"), 0x10010U);
  EXPECT_EQ(thread.number("stack-pointer"), 0x30000U);
  EXPECT_EQ(thread.number("argument"), 7U);
}

TEST(SystemImageOfManySilos, outgrows_its_first_buffer) {
  Manifest manifest{.system = "large"};
  std::vector<Layout> layouts(abi::kSilosMaximum);
  for (unsigned i = 0; i < abi::kSilosMaximum; ++i) {
    manifest.silos.push_back({.name = "silo" + std::to_string(i)});
    for (unsigned j = 0; j < 8; ++j) layouts[i].threads.push_back({"thread" + std::to_string(j), 0, 0, 0, 0, 0});
  }
  const std::vector<std::uint8_t> image = make_image(manifest, layouts);
  EXPECT_GT(fdt_totalsize(blob_of(image)), 64U << 10);
  EXPECT_EQ(Node(image, "/silos/silo@127/threads").children(), 8);
}

TEST(SystemImageSize, beyond_89_mib_is_refused_for_the_raspberry_pi_4_and_a_warning_elsewhere) {
  const std::uint64_t limit = std::uint64_t{89} << 20;
  Diagnostics fits, refused, warned;
  check_image_size(limit, "raspi4b", {"system.toml", 0}, fits);
  EXPECT_EQ(test::printed(fits), "");
  const std::string reason =
      "the system image has 90 MiB; on a Raspberry Pi 4 more than 89 MiB would overwrite the device tree\n"
      "  remedy: make the programs' initialised data smaller (zero-filled data costs nothing)";
  check_image_size(limit + 1, "raspi4b", {"system.toml", 0}, refused);
  EXPECT_TRUE(refused.failed());
  EXPECT_EQ(test::printed(refused), "system.toml: error: " + reason + "\n");
  check_image_size(limit + 1, "", {"system.toml", 0}, warned);
  EXPECT_FALSE(warned.failed());
  EXPECT_EQ(test::printed(warned), "system.toml: warning: " + reason + ", or run it on other boards only\n");
}

}  // namespace
}  // namespace tool
