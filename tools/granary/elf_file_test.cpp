// SPDX-License-Identifier: Apache-2.0
//
// ELF files: what cannot run in a silo is refused, each defect with its own sentence and remedy; a damaged file is
// never followed out of its bounds.
#include "test/fakes/host_prelude.hpp"

#include <functional>

#include "tools/granary/elf_file.hpp"
#include "tools/granary/tests/elf_builder.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using test::ElfBuilder;

const Location kWhere{"a.elf", 0};

std::string refusal_of(const std::vector<std::uint8_t>& bytes) {
  Diagnostics diagnostics;
  parse_elf(bytes, kWhere, diagnostics);
  return test::printed(diagnostics);
}

struct Defect {
  const char* name;
  std::function<void(ElfBuilder&)> make;
  const char* reason;
  const char* remedy;
};

std::ostream& operator<<(std::ostream& out, const Defect& defect) { return out << defect.name; }

class ElfDefect : public testing::TestWithParam<Defect> {};

TEST_P(ElfDefect, is_refused_with_reason_and_remedy) {
  ElfBuilder builder = ElfBuilder::with_text();
  GetParam().make(builder);
  EXPECT_EQ(refusal_of(builder.bytes()),
            std::string("a.elf: error: ") + GetParam().reason + "\n  remedy: " + GetParam().remedy + "\n");
}

const std::vector<std::uint8_t> kData(16, 1);

INSTANTIATE_TEST_SUITE_P(
    Program, ElfDefect,
    testing::Values(
        Defect{"not_elf", [](ElfBuilder& elf) { elf.header.e_ident[0] = 'X'; }, "it is not an ELF file",
               "name a program linked with the SDK (silos/sdk/sdk.mk)"},
        Defect{"thirty_two_bit", [](ElfBuilder& elf) { elf.header.e_ident[EI_CLASS] = ELFCLASS32; },
               "it is not a 64-bit little-endian ELF file", "compile it with aarch64-linux-gnu-gcc"},
        Defect{"big_endian", [](ElfBuilder& elf) { elf.header.e_ident[EI_DATA] = ELFDATA2MSB; },
               "it is not a 64-bit little-endian ELF file", "compile it with aarch64-linux-gnu-gcc"},
        Defect{"other_machine", [](ElfBuilder& elf) { elf.header.e_machine = EM_X86_64; },
               "it is for machine 62, not for AArch64 (183)", "compile it with the cross compiler, not the host's"},
        Defect{"position_independent", [](ElfBuilder& elf) { elf.header.e_type = ET_DYN; },
               "it is not linked at fixed addresses (ELF type 3, not EXEC)",
               "compile with -fno-pie and link with -no-pie -static"},
        Defect{"odd_program_headers", [](ElfBuilder& elf) { elf.header.e_phentsize = 12; },
               "its program headers have an unknown size", "link it again with the SDK's linker script"},
        Defect{"dynamically_linked", [](ElfBuilder& elf) { elf.add(PF_R, 0x20000, kData, 16).p_type = PT_INTERP; },
               "it is dynamically linked", "link with -static -no-pie"},
        Defect{"writable_and_executable", [](ElfBuilder& elf) { elf.add(PF_R | PF_W | PF_X, 0x20000, kData, 16); },
               "its segment at 0x20000 is writable and executable",
               "keep code and data in segments of their own (silos/sdk/silo.ld does)"},
        Defect{"not_readable", [](ElfBuilder& elf) { elf.add(PF_X, 0x20000, kData, 16); },
               "its segment at 0x20000 is not readable", "give the segment the flag R in the linker script's PHDRS"},
        Defect{"in_page_0", [](ElfBuilder& elf) { elf.add(PF_R, 0, kData, 16); },
               "its segment at 0x0 touches page 0, which is never mapped",
               "link it at 0x10000 (silos/sdk/silo.ld does)"},
        Defect{"beyond_1_gib", [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x3ffff000, kData, 0x1001); },
               "its segment at 0x3ffff000 reaches beyond 1 GiB", "link it at 0x10000, and make its data smaller"},
        Defect{"size_that_wraps_around",
               [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x20000, kData, ~std::uint64_t{0}); },
               "its segment at 0x20000 reaches beyond 1 GiB", "link it at 0x10000, and make its data smaller"},
        Defect{"not_at_a_page", [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x20010, kData, 16); },
               "its segment at 0x20010 does not begin at a page",
               "align each segment to 4096 in the linker script (silos/sdk/silo.ld does)"},
        Defect{"overlapping", [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x10000, kData, 16); },
               "its segments at 0x10000 and 0x10000 overlap",
               "give each segment its own pages in the linker script (silos/sdk/silo.ld does)"},
        Defect{"more_data_than_memory", [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x20000, kData, 8); },
               "its segment at 0x20000 lies behind the end of the file", "link it again; the file is cut short"},
        Defect{"data_behind_the_end",
               [](ElfBuilder& elf) { elf.add(PF_R | PF_W, 0x20000, kData, 16).p_offset = 1 << 20; },
               "its segment at 0x20000 lies behind the end of the file", "link it again; the file is cut short"},
        Defect{"entry_in_data",
               [](ElfBuilder& elf) {
                 elf.add(PF_R | PF_W, 0x20000, kData, 16);
                 elf.header.e_entry = 0x20000;
               },
               "its entry 0x20000 is not in an executable segment",
               "define _start in .text and link with ENTRY(_start)"},
        Defect{"entry_not_at_an_instruction", [](ElfBuilder& elf) { elf.header.e_entry = 0x10002; },
               "its entry 0x10002 is not in an executable segment",
               "define _start in .text and link with ENTRY(_start)"}),
    [](const testing::TestParamInfo<Defect>& info) { return info.param.name; });

TEST(ElfFile, without_a_segment_is_refused) {
  EXPECT_EQ(refusal_of(ElfBuilder().bytes()),
            "a.elf: error: it has nothing to load\n"
            "  remedy: link it as a program (silos/sdk/silo.ld)\n");
}

TEST(ElfFile, that_is_not_there_is_refused) {
  Diagnostics diagnostics;
  read_elf("no_such_folder/a.elf", diagnostics);
  EXPECT_EQ(test::printed(diagnostics),
            "no_such_folder/a.elf: error: this program cannot be read\n"
            "  remedy: build it first (`granary makefile` writes the rules)\n");
}

TEST(ElfFile, gives_segments_by_address_with_their_access_and_data) {
  ElfBuilder builder;
  builder.add(PF_R | PF_W, 0x30000, kData, 0x5000);
  builder.add(PF_R | PF_X, 0x10000, kData, 16);
  builder.add(PF_R, 0x20000, {}, 0);
  Diagnostics diagnostics;
  const ElfFile elf = parse_elf(builder.bytes(), kWhere, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  ASSERT_EQ(elf.segments.size(), 2U) << "an empty segment is none";
  EXPECT_EQ(elf.segments[0].address, 0x10000U);
  EXPECT_EQ(elf.segments[0].access, unsigned{kRead | kExecute});
  EXPECT_EQ(elf.segments[1].access, unsigned{kRead | kWrite});
  EXPECT_EQ(elf.segments[1].memory_bytes, 0x5000U);
  EXPECT_EQ(elf.segments[1].data, kData);
}

TEST(ElfFile, knows_global_symbols_only) {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.symbol("worker_main", 0x10004);
  builder.symbol("hidden", 0x10000, STB_LOCAL);
  Diagnostics diagnostics;
  const ElfFile elf = parse_elf(builder.bytes(), kWhere, diagnostics);
  EXPECT_EQ(elf.symbol("worker_main"), 0x10004U);
  EXPECT_EQ(elf.symbol("hidden"), std::nullopt);
}

TEST(ElfFile, cut_short_anywhere_is_read_without_leaving_it) {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.symbol("worker_main", 0x10004);
  const std::vector<std::uint8_t> whole = builder.bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    Diagnostics diagnostics;
    parse_elf({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)}, kWhere, diagnostics);
    const bool has_text = length >= sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + 8;
    EXPECT_EQ(diagnostics.failed(), !has_text) << length;
  }
}

TEST(ElfFile, with_any_byte_damaged_is_read_without_leaving_it) {
  ElfBuilder builder = ElfBuilder::with_text();
  builder.symbol("worker_main", 0x10004);
  const std::vector<std::uint8_t> whole = builder.bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (const std::uint8_t value : {0x00, 0x7f, 0x80, 0xff}) {
      std::vector<std::uint8_t> damaged = whole;
      damaged[at] = value;
      Diagnostics diagnostics;
      parse_elf(damaged, kWhere, diagnostics);  // the sanitizers are the oracle
    }
  }
}

}  // namespace
}  // namespace tool
