// SPDX-License-Identifier: Apache-2.0
//
// Opening and surveying system images: a sound one is understood, each way to be wrong is a sentence that names the
// place, and no damage leads outside of the image.
#include "test/fakes/host_prelude.hpp"

#include "boot/system_image.hpp"

#include <random>

#include "test/fakes/system_image_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::ImageDescription;
using testing::HasSubstr;

std::span<const std::byte> bytes_of(const Blob& blob) { return std::as_bytes(std::span(blob.data(), blob.size())); }

/// "silo, kind name: text", or "none".
std::string words(const ImageDefect& defect) {
  if (!defect) return "none";
  std::string all;
  if (!defect.silo.empty()) all += std::string(defect.silo) + ", ";
  if (!defect.name.empty()) all += std::string(defect.kind) + " " + std::string(defect.name) + ": ";
  return all + defect.text;
}

std::string verdict_of(const Blob& blob) {
  SystemImage image;
  if (const ImageDefect defect = SystemImage::open(bytes_of(blob), image)) return words(defect);
  SystemSummary summary;
  return words(image.survey(summary));
}

std::string verdict_of(const ImageDescription& description) { return verdict_of(description.build()); }

TEST(SystemImage, a_sound_image_is_surveyed) {
  ImageDescription description;
  description.silos[0].quotas[abi::QuotaKind::Ports] = 2;
  description.silos[1].quotas[abi::QuotaKind::Channels] = 3;
  description.silos[1].quotas[abi::QuotaKind::Messages] = 40;
  description.objects.push_back({"channel", "both_ways", 0, 10, 3});
  const Blob blob = description.build();
  SystemImage image;
  ASSERT_EQ(words(SystemImage::open(bytes_of(blob), image)), "none");
  EXPECT_EQ(image.name(), "test");
  SystemSummary summary;
  ASSERT_EQ(words(image.survey(summary)), "none");
  EXPECT_EQ(summary.name, "test");
  EXPECT_EQ(summary.silos, 2u);
  EXPECT_EQ(summary.threads, 2u);
  EXPECT_EQ(summary.ports, 1u);
  EXPECT_EQ(summary.channels, 2u);
  EXPECT_EQ(summary.quotas[0], 2u);
  EXPECT_EQ(summary.quotas[1], 3u);
  EXPECT_EQ(summary.message_nodes, 16u + 4 + 2 * 10 + 2 * 16 + 40);
  EXPECT_EQ(summary.capability_pages, 2u);
  EXPECT_EQ(summary.silo_bytes, 2u * 0x8000);
  EXPECT_GE(summary.table_pages, 2u * 3);
}

TEST(SystemImage, what_is_not_an_image_is_refused) {
  const Blob blob = ImageDescription().build();
  const auto shortened = [&](std::size_t bytes) {
    std::vector<std::uint8_t> copy = blob.copy();
    copy.resize(bytes);
    return Blob(copy);
  };
  EXPECT_EQ(verdict_of(shortened(0)), "it is too short");
  EXPECT_EQ(verdict_of(shortened(55)), "it is too short");
  EXPECT_THAT(verdict_of(Blob(std::vector<std::uint8_t>(4096))), HasSubstr("bad magic number"));
  EXPECT_THAT(verdict_of(blob.with_word(0, 0x27051956)), HasSubstr("bad magic number"));
  EXPECT_THAT(verdict_of(blob.with_word(16, 0)), HasSubstr("0xd00dfeed")) << "the blob's own";
  EXPECT_THAT(verdict_of(blob.with_word(16 + 4, 20)), HasSubstr("size is absurd"));
  EXPECT_EQ(verdict_of(shortened(600)), "it is cut short") << "within the description";
  EXPECT_EQ(verdict_of(shortened(blob.size() - 1)), "it is cut short") << "within the data";
}

TEST(SystemImage, another_format_or_version_is_refused) {
  ImageDescription description;
  description.compatible = "granary,system-image-2";
  EXPECT_EQ(verdict_of(description), "its format is not granary,system-image-1");
  description = ImageDescription();
  description.abi_version = 2;
  EXPECT_EQ(verdict_of(description), "it was built for another version of the interface") << "a later minor step";
  description.abi_version = 0x1'0000;
  EXPECT_EQ(verdict_of(description), "it was built for another version of the interface");
  description.abi_version = 0;
  EXPECT_EQ(verdict_of(description), "none") << "an earlier minor step";
}

TEST(SystemImage, a_size_that_cannot_be_is_refused) {
  ImageDescription description;
  description.image_bytes = 100;
  EXPECT_EQ(verdict_of(description), "its size is smaller than its description");
  description.image_bytes = 0x7000'0000;
  EXPECT_EQ(verdict_of(description), "it is cut short");
}

TEST(SystemImage, bytes_behind_the_image_do_no_harm) {
  std::vector<std::uint8_t> longer = ImageDescription().build().copy();
  longer.resize(longer.size() + 1000, 0xaa);
  EXPECT_EQ(verdict_of(Blob(longer)), "none");
}

TEST(SystemImage, each_damaged_byte_of_the_description_is_noticed) {
  const Blob blob = ImageDescription().build();
  const std::size_t description_bytes = fdt_totalsize(blob.data() + ImageDescription::kHeader);
  for (std::size_t at = 0; at < ImageDescription::kHeader + description_bytes; ++at) {
    std::vector<std::uint8_t> bytes = blob.copy();
    bytes[at] ^= 0x10;
    EXPECT_NE(verdict_of(Blob(bytes)), "none") << at;
  }
}

TEST(SystemImage, a_missing_property_is_said_with_its_place) {
  const auto without = [](const char* name) {
    ImageDescription description;
    description.left_out = name;
    return verdict_of(description);
  };
  for (const char* name : {"compatible", "abi-version", "system", "image-size"}) {
    EXPECT_EQ(without(name), "a property is missing") << name;
  }
  EXPECT_EQ(without("crc32"), "a property is missing");
  EXPECT_EQ(without("name"), "object object@0: a property is missing");
  EXPECT_EQ(without("type"), "object command: a property is missing");
  EXPECT_EQ(without("owner"), "object command: a property is missing");
  EXPECT_EQ(without("capacity"), "object samples: a property is missing");
  EXPECT_EQ(without("lanes"), "object samples: a property is missing");
  for (const char* name : {"argument", "capability-slots"}) {
    EXPECT_EQ(without(name), "silo first: a property is missing") << name;
  }
  for (const char* name : {"address", "size", "access", "data-position", "data-size"}) {
    EXPECT_EQ(without(name), "first, region text: a property is missing") << name;
  }
  for (const char* name : {"entry", "stack-pointer", "priority", "core"}) {
    EXPECT_EQ(without(name), "first, thread main: a property is missing") << name;
  }
}

TEST(SystemImage, a_number_of_the_wrong_size_is_refused) {
  for (const char* name : {"abi-version", "image-size", "owner", "capacity", "argument", "capability-slots", "address",
                           "size", "access", "data-size", "entry", "priority"}) {
    ImageDescription description;
    description.shortened = name;
    EXPECT_THAT(verdict_of(description), HasSubstr("a number has not")) << name;
  }
}

TEST(SystemImage, names_that_could_not_stand_in_a_line_are_refused) {
  ImageDescription description;
  description.silos[1].name = "a\x1b[2Jb";
  EXPECT_THAT(verdict_of(description), HasSubstr("a name is longer than 31 characters or not printable"));
  description = ImageDescription();
  description.objects[0].name = std::string(32, 'x');
  EXPECT_THAT(verdict_of(description), HasSubstr("a name is longer than 31 characters or not printable"));
  description.objects[0].name = "";
  EXPECT_THAT(verdict_of(description), HasSubstr("a text is empty or not ended"));
}

TEST(SystemImage, unknown_kinds_are_refused) {
  ImageDescription description;
  description.objects[0].type = "timer";
  EXPECT_EQ(verdict_of(description), "object command: its type is none of an object of the manifest");
  description = ImageDescription();
  description.objects[1].lanes = 0;
  EXPECT_THAT(verdict_of(description), HasSubstr("lanes"));
  description.objects[1].lanes = 4;
  EXPECT_THAT(verdict_of(description), HasSubstr("lanes"));
}

TEST(SystemImage, a_region_that_wraps_or_is_empty_is_refused) {
  ImageDescription description;
  description.silos[1].regions[3].size = 0;
  EXPECT_EQ(verdict_of(description), "second, region stack: its size makes no range");
  description.silos[1].regions[3].size = ~std::uint64_t{0};
  EXPECT_EQ(verdict_of(description), "second, region stack: its size makes no range");
}

TEST(SystemImage, an_image_with_nothing_to_run_is_refused) {
  ImageDescription description;
  description.objects.clear();
  description.silos.clear();
  EXPECT_EQ(verdict_of(description), "it contains no silo");
  description = ImageDescription();
  for (auto& silo : description.silos) silo.threads.clear();
  EXPECT_EQ(verdict_of(description), "it contains no thread");
}

TEST(SystemImage, random_damage_behind_a_right_checksum_never_leads_outside) {
  const Blob blob = ImageDescription().build();
  const std::size_t begin = ImageDescription::kHeader;
  const std::size_t size = fdt_totalsize(blob.data() + begin);
  std::mt19937 random(3);
  unsigned opened = 0;
  for (int round = 0; round < 5'000; ++round) {
    std::vector<std::uint8_t> description(blob.data() + begin, blob.data() + begin + size);
    for (unsigned hits = 1 + random() % 3; hits > 0; --hits) {
      description[40 + random() % (size - 40)] = static_cast<std::uint8_t>(random());
    }
    const int root = fdt_path_offset(description.data(), "/");
    if (root < 0 || fdt_setprop_inplace_u32(description.data(), root, "crc32", 0) != 0) continue;
    static_cast<void>(fdt_setprop_inplace_u32(description.data(), root, "crc32", ImageDescription::crc(description)));
    std::vector<std::uint8_t> bytes = blob.copy();
    std::copy(description.begin(), description.end(), bytes.begin() + static_cast<std::ptrdiff_t>(begin));
    const Blob bad(bytes);
    SystemImage image;
    if (SystemImage::open(bytes_of(bad), image)) continue;
    ++opened;
    SystemSummary summary;
    static_cast<void>(image.survey(summary));
  }
  EXPECT_GT(opened, 1000u);
}

TEST(SystemImage, the_arena_grows_with_the_system_and_is_bounded) {
  SystemSummary summary;
  summary.silos = 16;
  summary.threads = 32;
  summary.ports = 16;
  summary.channels = 16;
  summary.message_nodes = 16 * 16 + 16 * 32;
  summary.capability_pages = 16;
  summary.table_pages = 16 * 5;
  EXPECT_LE(arena_bytes_for(summary), 1u << 20) << "about 1 MiB for a 16-silo system";
  const std::uint64_t before = arena_bytes_for(summary);
  summary.message_nodes += 1000;
  EXPECT_GT(arena_bytes_for(summary), before);
  summary.quotas[1] = ~std::uint32_t{0};
  EXPECT_EQ(arena_bytes_for(summary), std::uint64_t{256} << 20);
  EXPECT_EQ(arena_bytes_for(summary) % 4096, 0u);
}

}  // namespace
}  // namespace boot
