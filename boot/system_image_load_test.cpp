// SPDX-License-Identifier: Apache-2.0
//
// Loading a system image into the real kernel over fake hardware: everything arrives, each refusal names the silo and
// the thing, and the arena that boot chooses is enough.
#include "test/fakes/host_prelude.hpp"

#include <cstring>

#include "boot/system_image.hpp"
#include "kernel/link.hpp"
#include "kernel/port/clock.hpp"
#include "kernel/silo.hpp"
#include "kernel/system.hpp"
#include "kernel/thread.hpp"
#include "test/fakes/fake_arena.hpp"
#include "test/fakes/fake_memory.hpp"
#include "test/fakes/system_image_builder.hpp"

namespace boot {
namespace {

using fakes::Blob;
using fakes::ImageDescription;
using testing::HasSubstr;

std::string words(const ImageDefect& defect) {
  if (!defect) return "none";
  std::string all;
  if (!defect.silo.empty()) all += std::string(defect.silo) + ", ";
  if (!defect.name.empty()) all += std::string(defect.kind) + " " + std::string(defect.name) + ": ";
  return all + defect.text;
}

/// Opens, surveys and loads; the kernel has as much memory as boot would give it, or `arena_pages`.
std::string load(const Blob& blob, std::uint64_t arena_pages = 0) {
  const auto bytes = std::as_bytes(std::span(blob.data(), blob.size()));
  SystemImage image;
  if (const ImageDefect defect = SystemImage::open(bytes, image)) return "open: " + words(defect);
  SystemSummary summary;
  if (const ImageDefect defect = image.survey(summary)) return "survey: " + words(defect);
  fakes::initialize_kernel(arena_pages != 0 ? arena_pages : arena_bytes_for(summary) / base::kPageSize);
  return words(image.load());
}

std::string load(const ImageDescription& description) { return load(description.build()); }

TEST(SystemImageLoad, a_sound_image_becomes_silos_with_memory_threads_and_capabilities) {
  const ImageDescription description;
  ASSERT_EQ(load(description), "none");
  ASSERT_EQ(kernel::silos().size(), 2u);
  const kernel::Silo& second = *kernel::silos()[1];
  EXPECT_EQ(second.name.view(), "second");
  EXPECT_EQ(second.argument, 5u);
  ASSERT_EQ(second.regions().size(), 4u);
  EXPECT_EQ(second.regions()[0].access, port::Access::ReadExecute);
  EXPECT_EQ(second.regions()[1].access, port::Access::ReadWrite);
  EXPECT_EQ(second.regions()[2].access, port::Access::Read);
  const auto text = fakes::memory(second.regions()[0].frames.start, 0x2000);
  const std::vector<std::uint8_t>& code = description.silos[1].regions[0].data;
  EXPECT_EQ(std::memcmp(text.data(), code.data(), code.size()), 0);
  for (std::size_t at = code.size(); at < text.size(); ++at) ASSERT_EQ(text[at], std::byte{0}) << "the rest is zero";
  for (const std::byte byte : fakes::memory(second.regions()[3].frames.start, 0x4000)) ASSERT_EQ(byte, std::byte{0});
  ASSERT_EQ(second.threads().size(), 1u);
  EXPECT_EQ(second.threads()[0]->name(), "main");
  EXPECT_EQ(second.threads()[0]->program_counter, 0x1'0000u);
  EXPECT_EQ(second.threads()[0]->general[0], 3u);
  const auto found = kernel::silos()[0]->capabilities.lookup(abi::make_manifest_handle(1));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found.value()->badge, 77u);
  EXPECT_EQ(found.value()->rights, 0x20u);
  EXPECT_TRUE(kernel::silos()[1]->capabilities.lookup(abi::make_manifest_handle(4)).ok());
  EXPECT_FALSE(kernel::silos()[1]->capabilities.lookup(abi::make_manifest_handle(5)).ok());
}

TEST(SystemImageLoad, one_silo_at_most_owns_the_console) {
  constexpr std::uint64_t kOwn = 0x8000;
  ImageDescription description;
  description.silos[0].capabilities.push_back({6, "console", 0, 0, kOwn});
  EXPECT_EQ(load(description), "none");
  description.silos[0].capabilities.push_back({7, "console", 0, 0, kOwn});
  EXPECT_EQ(load(description), "none") << "by two capabilities";
  description.silos[1].capabilities.push_back({6, "console", 0, 0, kOwn});
  EXPECT_THAT(load(description), HasSubstr("two silos own the console"));
}

TEST(SystemImageLoad, damaged_data_is_found_in_every_region_and_named) {
  const Blob blob = ImageDescription().build();
  const std::size_t pages = blob.size() / 4096;
  // The last pages of the image: text (2), data, constants of the second silo.
  const std::pair<std::size_t, const char*> damage[] = {
      {pages - 4, "text"}, {pages - 3, "text"}, {pages - 2, "data"}, {pages - 1, "constants"}};
  for (const auto& [page, name] : damage) {
    std::vector<std::uint8_t> bytes = blob.copy();
    bytes[page * 4096] ^= 1;
    EXPECT_EQ(load(Blob(bytes)), std::string("second, region ") + name + ": the checksum of its data is wrong");
  }
}

/// The second silo has a further image, whose text is larger.
ImageDescription with_two_images() {
  ImageDescription description;
  fakes::ImageSilo& silo = description.silos[1];
  fakes::ImageProgram newer{.name = "newer", .regions = silo.regions};
  for (fakes::ImageRegion& region : silo.regions) region.room = region.size;
  silo.regions[0].room = 0x3000;
  newer.regions[0].size = 0x3000;
  newer.regions[0].data.resize(9000, 0x55);
  description.silos[1].images = {newer};
  return description;
}

TEST(SystemImageLoad, further_images_are_kept_and_not_loaded) {
  ASSERT_EQ(load(with_two_images()), "none");
  EXPECT_EQ(kernel::image_count(*kernel::silos()[0]), 1u);
  const kernel::Silo& silo = *kernel::silos()[1];
  ASSERT_EQ(kernel::image_count(silo), 2u);
  EXPECT_EQ(silo.images.current, 0u);
  EXPECT_EQ(silo.regions()[0].range.size().value(), 2u);
  EXPECT_EQ(silo.regions()[0].frames.size.value(), 3u);
  const kernel::SiloImage& newer = *silo.images.image[1];
  EXPECT_EQ(newer.name.view(), "newer");
  EXPECT_EQ(newer.regions, 4u);
  EXPECT_EQ(newer.threads, 1u);
  EXPECT_EQ(newer.region[0].range.size().value(), 3u);
  EXPECT_EQ(newer.region[0].data.size(), 9000u);
  EXPECT_EQ(newer.region[0].checksum, ImageDescription::crc(with_two_images().silos[1].images[0].regions[0].data));
}

TEST(SystemImageLoad, damaged_data_of_a_further_image_do_not_keep_the_system_from_running) {
  std::vector<std::uint8_t> bytes = with_two_images().build().copy();
  bytes[bytes.size() - 3 * 4096 + 8] ^= 1;  // its last pages: text (3), data, constants
  EXPECT_EQ(load(Blob(bytes)), "none");
}

TEST(SystemImageLoad, a_further_image_that_does_not_fit_is_refused_and_named) {
  ImageDescription description = with_two_images();
  description.silos[1].images[0].regions[0].size = 0x4000;
  EXPECT_EQ(load(description), "second, image's region text: the kernel refuses its description");
  description = with_two_images();
  description.silos[1].images[0].regions[1].access = 1;
  EXPECT_EQ(load(description), "second, image's region data: the kernel refuses its description");
  description = with_two_images();
  description.silos[1].images[0].regions[1].address = 0x1'2000;
  EXPECT_EQ(load(description), "second, image's region data: its name or address is taken already");
  description = with_two_images();
  description.silos[1].images[0].threads[0].entry = 0x1'8000;
  EXPECT_EQ(load(description), "second, image's thread main: the kernel refuses its description");
  description = with_two_images();
  description.silos[1].images[0].regions[0].position = 0xffff'0000;
  EXPECT_EQ(load(description), "second, image's region text: its data lie outside of the image");
  description = with_two_images();
  description.silos[1].images.push_back(description.silos[1].images[0]);
  EXPECT_EQ(load(description), "second, image newer: its name or address is taken already");
  description = with_two_images();
  description.silos[1].regions[2].room = 0;
  EXPECT_EQ(load(description), "second, image newer: the kernel refuses its description");
  description = with_two_images();
  description.silos[1].regions[2].room = 0x800;
  EXPECT_EQ(load(description), "second, region constants: its room is not whole pages");
}

TEST(SystemImageLoad, data_outside_of_the_image_or_larger_than_its_region_is_refused) {
  ImageDescription description;
  description.silos[0].regions[0].position = 0x7fff'f000;
  EXPECT_EQ(load(description), "first, region text: its data lie outside of the image");
  description.silos[0].regions[0].position = 0xffff'f000;
  EXPECT_EQ(load(description), "first, region text: its data lie outside of the image");
  description.silos[0].regions[0].position = 16;
  EXPECT_EQ(load(description), "first, region text: its data lie outside of the image") << "inside the description";
  description = ImageDescription();
  description.silos[0].regions[1].data.resize(0x1001);
  EXPECT_EQ(load(description), "first, region data: its data are larger than the region");
}

TEST(SystemImageLoad, bad_regions_are_refused_and_named) {
  const auto with = [](auto change) {
    ImageDescription description;
    change(description.silos[1].regions[3]);
    return load(description);
  };
  EXPECT_EQ(with([](auto& region) { region.size += 1; }), "second, region stack: its size is not whole pages");
  for (const std::uint32_t access : {0u, 2u, 4u, 6u, 7u, 8u, 0xffff'ffffu}) {
    EXPECT_EQ(with([&](auto& region) { region.access = access; }),
              "second, region stack: its access is not read, read-write or read-execute");
  }
  EXPECT_EQ(with([](auto& region) { region.address = 0; }), "second, region stack: the kernel refuses its description");
  EXPECT_EQ(with([](auto& region) { region.address = 0x1'0000; }),
            "second, region stack: its name or address is taken already");
  EXPECT_EQ(with([](auto& region) { region.address = std::uint64_t{1} << 39; }),
            "second, region stack: the kernel refuses its description");
  EXPECT_EQ(with([](auto& region) { region.address = 0x100'0000, region.size = 0x1000'0000; }),
            "second, region stack: there is too little memory for it");
}

TEST(SystemImageLoad, budgets_and_windows_arrive) {
  ImageDescription description;
  description.silos[1].threads[0].budget = {2'000, 10'000, 1};
  description.windows = {{0, 5'000, 0}, {0, 5'000, abi::kIdlePartition}};
  ASSERT_EQ(load(description), "none");
  EXPECT_EQ(kernel::silos()[0]->threads()[0]->own_context().limit, nullptr);
  const kernel::Limit* const limit = kernel::silos()[1]->threads()[0]->own_context().limit;
  ASSERT_NE(limit, nullptr);
  EXPECT_EQ(limit->budget.amount(), base::Ticks(125'000));
  EXPECT_EQ(limit->budget.period(), base::Ticks(625'000));
  EXPECT_EQ(limit->overrun, abi::Overrun::Fault);
}

TEST(SystemImageLoad, bad_budgets_and_windows_are_refused) {
  ImageDescription description;
  description.silos[0].threads[0].budget = {2'000, 1'000, 0};
  EXPECT_EQ(load(description), "first, thread main: the kernel refuses its description");
  description.silos[0].threads[0].budget = {2'000, 10'000, 3};
  EXPECT_EQ(load(description), "first, thread main: the kernel refuses its description");
  description.silos[0].threads[0].budget = {};
  description.windows = {{1, 5'000, 0}};
  EXPECT_EQ(load(description), "window window@0: the kernel refuses its description");
  description.windows = {{0, 5'000, abi::kIdlePartition + 1}};
  EXPECT_EQ(load(description), "window window@0: the kernel refuses its description");
}

TEST(SystemImageLoad, watchdogs_and_deadlines_arrive) {
  ImageDescription description;
  description.silos[0].watchdog = 2'000;
  ASSERT_FALSE(description.silos[0].capabilities.empty());
  for (auto& capability : description.silos[0].capabilities)
    if (capability.type == "port" || capability.type == "channel") capability.deadline = 5'000;
  ASSERT_EQ(load(description), "none");
  EXPECT_EQ(kernel::silos()[0]->watchdog.time, base::Ticks(125'000));
  EXPECT_EQ(kernel::silos()[1]->watchdog.time, base::Ticks());
  unsigned links = 0;
  for (const auto& capability : description.silos[0].capabilities) {
    if (capability.deadline == 0) continue;
    ++links;
    const auto found = kernel::silos()[0]->capabilities.lookup(abi::make_manifest_handle(capability.slot)).value();
    EXPECT_NE(found->link, 0u);
    EXPECT_EQ(kernel::deadline_through(found->link, base::Ticks::forever()) > port::now(), true);
  }
  EXPECT_NE(links, 0u);
}

TEST(SystemImageLoad, bad_watchdogs_and_deadlines_are_refused) {
  ImageDescription description;
  description.silos[0].watchdog = abi::kWatchdogMinimum - 1;
  EXPECT_EQ(load(description), "silo first: the kernel refuses its description");
  description.silos[0].watchdog = 0;
  auto& capability = description.silos[0].capabilities.front();
  capability.deadline = abi::kLinkDeadlineMaximum + 1;
  EXPECT_EQ(load(description), "first, capability something: the kernel refuses its description");
}

TEST(Placement, is_what_the_image_says_unless_told_otherwise) {
  const Placement plain{.cores = 0b1011};
  EXPECT_EQ(plain.core_for(5, 1), 1u);
  EXPECT_EQ(plain.core_for(5, 2), 2u) << "which is refused then";
  const Placement folded{.cores = 0b1011, .folds = true};
  const std::uint32_t wanted[] = {0, 1, 3, 0, 1, 3};
  for (std::uint32_t core = 0; core < 6; ++core) EXPECT_EQ(folded.core_for(9, core), wanted[core]) << core;
}

TEST(SystemImageLoad, N15_a_program_with_another_contract_than_its_object_is_refused) {
  constexpr const char* kOther =
      "the silo's program was built with another contract than the system has; build it again";
  for (unsigned object : {0U, 1U}) {
    ImageDescription description;
    description.objects[object].contract = 0x1234'5678'9abc'def0;
    ASSERT_EQ(load(description), "none") << "programs that do not say";
    description.silos[0].capabilities[object].contract = 0x1234'5678'9abc'def0;
    ASSERT_EQ(load(description), "none");
    description.silos[1].capabilities[object].contract = 0x1234'5678'9abc'def1;
    EXPECT_EQ(load(description), std::string("second, capability something: ") + kOther);
    description.objects[object].contract = 0;
    EXPECT_EQ(load(description), "none") << "an object that does not say";
  }
  ImageDescription description;
  description.silos[0].capabilities[2].contract = 1;
  EXPECT_THAT(load(description), HasSubstr("the kernel refuses its description")) << "a console has none";
}

TEST(SystemImageLoad, N15_a_program_with_another_contract_of_a_name_is_refused) {
  ImageDescription description;
  description.names = {{"log", 0, 0, 7, 7}, {"log", 1, 1, 0, 7}};
  ASSERT_EQ(load(description), "none");
  description.names[1].program_contract = 8;
  EXPECT_THAT(load(description), HasSubstr("name log: the silo's program was built with another contract"));
  description.names = {{"log", 0, 0, 7, 8}};
  EXPECT_THAT(load(description), HasSubstr("name log: the silo's program was built with another contract"));
}

TEST(Placement, spread_uses_every_core_that_runs_and_no_other_the_same_each_time) {
  std::uint64_t used = 0;
  bool differs = false;
  for (std::uint32_t silo = 0; silo < 100; ++silo) {
    const std::uint32_t core = Placement{.cores = 0b1011, .spread = 7}.core_for(silo, 0);
    differs = differs || core != Placement{.cores = 0b1011, .spread = 8}.core_for(silo, 0);
    used |= std::uint64_t{1} << core;
  }
  EXPECT_EQ(used, 0b1011u);
  EXPECT_TRUE(differs);
}

TEST(Placement, silos_that_name_the_same_core_stay_together_wherever_they_are_spread_to) {
  std::uint64_t used = 0;
  for (std::uint64_t seed = 1; seed < 50; ++seed) {
    const Placement placement{.cores = 0b1011, .spread = seed};
    const std::uint32_t core = placement.core_for(0, 3);
    for (std::uint32_t silo = 1; silo < 20; ++silo) EXPECT_EQ(placement.core_for(silo, 3), core) << silo;
    used |= std::uint64_t{1} << core;
  }
  EXPECT_EQ(used, 0b1011u);
}

TEST(SystemImageLoad, bad_threads_are_refused_and_named) {
  const auto with = [](auto change) {
    ImageDescription description;
    change(description.silos[0].threads[0]);
    return load(description);
  };
  EXPECT_EQ(with([](auto& thread) { thread.priority = 64; }), "first, thread main: its priority is above 63");
  EXPECT_EQ(with([](auto& thread) { thread.priority = 256; }), "first, thread main: its priority is above 63");
  EXPECT_EQ(with([](auto& thread) { thread.core = 1; }),
            "first, thread main: no core of this number runs here (QEMU: --smp or SMP=; in the manifest: core, or "
            "fold_cores = true)");
  EXPECT_EQ(with([](auto& thread) { thread.entry = 0x1'8000; }),
            "first, thread main: the kernel refuses its description");
  EXPECT_EQ(with([](auto& thread) { thread.stack_pointer = 0x2'4008; }),
            "first, thread main: the kernel refuses its description");
  ImageDescription description;
  description.silos[0].threads.push_back({});
  EXPECT_EQ(load(description), "first, thread main: its name or address is taken already");
}

TEST(SystemImageLoad, bad_objects_and_capabilities_are_refused_and_named) {
  ImageDescription description;
  description.objects[0].owner = 2;
  EXPECT_EQ(load(description), "object command: the kernel refuses its description");
  description = ImageDescription();
  description.objects[1].name = "command";
  EXPECT_EQ(load(description), "object command: its name or address is taken already");
  description = ImageDescription();
  description.objects[1].capacity = 1025;
  EXPECT_EQ(load(description), "object samples: the kernel refuses its description");
  description = ImageDescription();
  description.silos[0].capabilities[1].rights = 0x10;  // a port's right on a channel
  EXPECT_EQ(load(description), "first, capability something: the kernel refuses its description");
  description = ImageDescription();
  description.silos[1].capabilities[0].type = "timer";
  EXPECT_EQ(load(description), "survey: second, capability something: its type is unknown");
  description = ImageDescription();
  description.silos[1].capabilities[1].slot = 1;
  EXPECT_THAT(load(description), testing::StartsWith("second, capability something: "));
}

TEST(SystemImageLoad, bad_silos_are_refused_and_named) {
  ImageDescription description;
  description.silos[1].name = "first";
  EXPECT_EQ(load(description), "silo first: its name or address is taken already");
  description = ImageDescription();
  description.silos[1].capability_slots = 17;
  EXPECT_EQ(load(description), "silo second: the kernel refuses its description");
}

TEST(SystemImageLoad, N10_the_rate_of_a_silo_arrives_and_one_out_of_range_is_refused) {
  ImageDescription description;
  description.silos[1].rate = {7, 0, 3};
  EXPECT_EQ(load(description), "none");
  EXPECT_FALSE(kernel::silos()[0]->rate.is_limited());
  EXPECT_TRUE(kernel::silos()[1]->rate.is_limited());
  for (int message = 0; message < 21; ++message)
    EXPECT_TRUE(kernel::silos()[1]->rate.admit(64, base::Ticks(1))) << message;
  EXPECT_FALSE(kernel::silos()[1]->rate.admit(64, base::Ticks(1)));
  description.silos[1].rate = {7, 0, abi::kRateBurstMaximum + 1};
  EXPECT_EQ(load(description), "silo second: the kernel refuses its description");
}

TEST(SystemImageLoad, too_little_kernel_memory_is_said) {
  ImageDescription description;
  description.silos[1].quotas[abi::QuotaKind::Messages] = 20'000;
  EXPECT_EQ(load(description.build(), 40), "silo second: there is too little memory for it");
}

TEST(SystemImageLoad, the_arena_that_boot_chooses_is_enough_for_systems_of_many_shapes) {
  for (std::uint32_t shape = 0; shape < 24; ++shape) {
    ImageDescription description;
    const ImageDescription pattern;
    description.silos.clear();
    description.objects.clear();
    for (std::uint32_t number = 0; number < 1 + shape * 3; ++number) {
      fakes::ImageSilo silo = pattern.silos[0];
      silo.name = "s" + std::to_string(number);
      silo.capabilities.clear();
      if (number == 0 && shape % 2 == 0) silo.capabilities.push_back({1, "audit", 0, 0, std::uint64_t{1} << 40});
      if (number == 0 && shape % 3 == 0) silo.capabilities.push_back({2, "trace", 0, 0, std::uint64_t{1} << 44});
      silo.capability_slots = 8u << (number + shape) % 7;
      silo.quotas[abi::QuotaKind::Ports] = number % 3;
      silo.quotas[abi::QuotaKind::Channels] = number % 4;
      silo.quotas[abi::QuotaKind::Messages] = number * 5;
      silo.regions[3].address = 0x2'0000 + (number % 5) * 0x3ff0'0000;
      silo.threads.clear();
      for (std::uint32_t thread = 0; thread < 1 + number % 4; ++thread) {
        silo.threads.push_back({"t" + std::to_string(thread), 0x1'0000, silo.regions[3].address + 0x4000});
      }
      if (number % 2 == 0) description.objects.push_back({"port", "p" + std::to_string(number), number});
      description.objects.push_back({"channel", "c" + std::to_string(number), 0, 1 + number * 3, 1 + number % 3});
      description.silos.push_back(silo);
    }
    ASSERT_EQ(load(description), "none") << shape;
  }
}

}  // namespace
}  // namespace boot
