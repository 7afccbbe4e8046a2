// SPDX-License-Identifier: Apache-2.0
//
// The address space of a silo: regions, guard pages, where threads begin.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/layout.hpp"

#include "tools/granary/tests/elf_builder.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using test::ElfBuilder;

const Location kWhere{"a.elf", 0};

Silo silo_with(std::uint64_t heap_bytes = 0, unsigned workers = 0) {
  Silo silo{.name = "a", .heap_bytes = heap_bytes};
  silo.threads.push_back({.name = "main", .priority = 5, .stack_bytes = 0x4000});
  for (unsigned i = 0; i < workers; ++i)
    silo.threads.push_back(
        {.name = "worker" + std::to_string(i), .entry = "worker_main", .priority = 6, .stack_bytes = 0x2000});
  return silo;
}

ElfFile elf_of(ElfBuilder builder) {
  Diagnostics diagnostics;
  ElfFile elf = parse_elf(builder.bytes(), kWhere, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  return elf;
}

std::string refusal_of(const Silo& silo, const ElfFile& elf) {
  Diagnostics diagnostics;
  lay_out(silo, elf, kWhere, diagnostics);
  return test::printed(diagnostics);
}

/// Text, read-only data, data with a zero-filled tail.
ElfBuilder three_segments() {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.add(PF_R, 0x11000, {1, 2, 3}, 3);
  builder.add(PF_R | PF_W, 0x12000, {4, 5}, 0x1800);
  return builder;
}

TEST(Layout, has_a_region_for_each_segment_then_heap_then_a_stack_between_guard_pages_for_each_thread) {
  ElfBuilder builder = three_segments();
  builder.symbol("__heap_start", 0x14000);
  builder.symbol("__heap_end", 0x16000);
  builder.symbol("worker_main", 0x10004);
  Diagnostics diagnostics;
  const Layout layout = lay_out(silo_with(0x2000, 1), elf_of(builder), kWhere, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  struct Expected {
    const char* name;
    std::uint64_t address, bytes;
    unsigned access;
    std::size_t data;
  };
  const Expected expected[] = {
      {"text", 0x10000, 0x1000, kRead | kExecute, 8},     {"rodata", 0x11000, 0x1000, kRead, 3},
      {"data", 0x12000, 0x2000, kRead | kWrite, 2},       {"heap", 0x14000, 0x2000, kRead | kWrite, 0},
      {"stack.main", 0x17000, 0x4000, kRead | kWrite, 0}, {"stack.worker0", 0x1c000, 0x2000, kRead | kWrite, 0}};
  ASSERT_EQ(layout.regions.size(), std::size(expected));
  for (std::size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(layout.regions[i].name, expected[i].name);
    EXPECT_EQ(layout.regions[i].address, expected[i].address) << expected[i].name;
    EXPECT_EQ(layout.regions[i].bytes, expected[i].bytes) << expected[i].name;
    EXPECT_EQ(layout.regions[i].access, expected[i].access) << expected[i].name;
    EXPECT_EQ(layout.regions[i].data.size(), expected[i].data) << expected[i].name;
  }
  EXPECT_EQ(layout.memory_bytes(), 0xc000U);
  ASSERT_EQ(layout.threads.size(), 2U);
  EXPECT_EQ(layout.threads[0].entry, 0x10000U);
  EXPECT_EQ(layout.threads[0].stack_pointer, 0x1b000U);
  EXPECT_EQ(layout.threads[0].priority, 5U);
  EXPECT_EQ(layout.threads[1].stack_pointer, 0x1e000U);
  EXPECT_EQ(layout.threads[1].priority, 6U);
}

TEST(Layout, never_has_two_regions_touch_a_stack) {
  ElfBuilder builder = three_segments();
  builder.symbol("worker_main", 0x10004);
  Diagnostics diagnostics;
  const Layout layout = lay_out(silo_with(0, 20), elf_of(builder), kWhere, diagnostics);
  for (std::size_t i = 1; i < layout.regions.size(); ++i) {
    const Region& low = layout.regions[i - 1];
    const std::uint64_t gap = layout.regions[i].address - (low.address + low.bytes);
    if (layout.regions[i].name.starts_with("stack.")) {
      EXPECT_EQ(gap, kPageBytes) << layout.regions[i].name;
    }
  }
}

TEST(Layout, starts_a_thread_in_the_sdk_with_its_function_as_argument) {
  ElfBuilder builder = three_segments();
  builder.symbol("worker_main", 0x10004);
  Diagnostics diagnostics;
  const Layout plain = lay_out(silo_with(0, 1), elf_of(builder), kWhere, diagnostics);
  EXPECT_EQ(plain.threads[1].entry, 0x10004U) << "without the SDK the thread begins in its function";
  EXPECT_EQ(plain.threads[1].argument, 0U);
  builder.symbol("granary_thread_start", 0x10000);
  const Layout sdk = lay_out(silo_with(0, 1), elf_of(builder), kWhere, diagnostics);
  EXPECT_EQ(sdk.threads[1].entry, 0x10000U);
  EXPECT_EQ(sdk.threads[1].argument, 0x10004U);
}

TEST(Layout, tells_segments_of_one_kind_apart) {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.add(PF_R | PF_X, 0x11000, {1}, 1);
  Diagnostics diagnostics;
  const Layout layout = lay_out(silo_with(), elf_of(builder), kWhere, diagnostics);
  EXPECT_EQ(layout.regions[0].name, "text");
  EXPECT_EQ(layout.regions[1].name, "text2");
}

TEST(Layout, refuses_a_program_without_the_function_of_a_thread) {
  const std::string expected =
      "a.elf: error: it has no function `worker_main`, where thread `worker0` of silo `a` begins\n"
      "  remedy: define it as extern \"C\" void worker_main(uint64_t), not static, and mark it [[gnu::used]] if "
      "nothing "
      "else calls it\n";
  EXPECT_EQ(refusal_of(silo_with(0, 1), elf_of(three_segments())), expected);
  ElfBuilder in_data = three_segments();
  in_data.symbol("worker_main", 0x12000);
  EXPECT_EQ(refusal_of(silo_with(0, 1), elf_of(in_data)), expected);
}

TEST(Layout, refuses_a_program_that_is_linked_for_another_heap) {
  EXPECT_EQ(refusal_of(silo_with(0x2000), elf_of(three_segments())),
            "a.elf: error: it is linked for a heap of 0 B, and silo `a` has heap = \"8 KiB\"\n"
            "  remedy: link it with --defsym=granary_heap_bytes=8192 and silos/sdk/silo.ld\n");
}

TEST(Layout, refuses_a_heap_that_lies_in_the_data) {
  ElfBuilder builder = three_segments();
  builder.symbol("__heap_start", 0x13000);
  builder.symbol("__heap_end", 0x15000);
  EXPECT_EQ(refusal_of(silo_with(0x2000), elf_of(builder)),
            "a.elf: error: its heap at 0x13000 is not on the pages behind its data\n"
            "  remedy: link it with silos/sdk/silo.ld, or place __heap_start as that does\n");
}

TEST(Layout, refuses_what_ends_beyond_1_gib) {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.add(PF_R | PF_W, 0x3fffb000, {1}, 1);
  EXPECT_EQ(refusal_of(silo_with(), elf_of(builder)),
            "a.elf: error: program, heap and stacks of silo `a` end beyond 1 GiB\n"
            "  remedy: give it smaller stacks or a smaller heap\n");
}

TEST(Layout, refuses_more_regions_than_a_silo_can_have) {
  ElfBuilder builder = ElfBuilder::with_text();
  for (unsigned i = 1; i <= 32; ++i) builder.add(PF_R, 0x10000 + i * 0x1000, {1}, 1);
  EXPECT_EQ(refusal_of(silo_with(), elf_of(builder)),
            "a.elf: error: silo `a` needs 34 regions, and a silo can have 32\n"
            "  remedy: give it fewer threads, or link its program with fewer segments\n");
}

TEST(Layout, has_room_for_the_largest_of_several_images_in_each_region) {
  ElfBuilder large = ElfBuilder::with_text();
  large.add(PF_R, 0x11000, {1, 2, 3}, 0x3000);
  large.add(PF_R | PF_W, 0x14000, {4, 5}, 0x1000);
  Diagnostics diagnostics;
  const Silo silo = silo_with();
  Layout layout = lay_out(silo, elf_of(three_segments()), kWhere, diagnostics);
  for (const Region& region : layout.regions) EXPECT_EQ(region.room, 0u) << "it has one image";
  add_image(layout, lay_out(silo, elf_of(large), kWhere, diagnostics), silo, kWhere, diagnostics);
  add_image(layout, lay_out(silo, elf_of(three_segments()), kWhere, diagnostics), silo, kWhere, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  ASSERT_EQ(layout.images.size(), 2U);
  EXPECT_EQ(layout.images[0].threads[0].stack_pointer, 0x1a000U) << "its stack is behind what it has";
  const std::uint64_t room[] = {0x1000, 0x3000, 0x2000, 0x4000};
  ASSERT_EQ(layout.regions.size(), std::size(room));
  for (std::size_t i = 0; i < std::size(room); ++i) EXPECT_EQ(layout.regions[i].room, room[i]) << i;
  EXPECT_EQ(layout.memory_bytes(), 0xa000U);
}

TEST(Layout, refuses_an_image_with_other_regions) {
  Diagnostics diagnostics;
  const Silo silo = silo_with();
  Layout layout = lay_out(silo, elf_of(three_segments()), kWhere, diagnostics);
  add_image(layout, lay_out(silo, elf_of(ElfBuilder::with_text()), kWhere, diagnostics), silo, kWhere, diagnostics);
  EXPECT_EQ(test::printed(diagnostics),
            "a.elf: error: it has the regions text, stack.main, and the program of silo `a` has text, rodata, data, "
            "stack.main\n"
            "  remedy: an image takes the place of another one region by region: link both in the same way, with "
            "silos/sdk/silo.ld\n");
  EXPECT_TRUE(layout.images.empty());
}

}  // namespace
}  // namespace tool
