// SPDX-License-Identifier: Apache-2.0
//
// The ELF core file by its bytes. That gdb reads it, a row of test/qemu shows.
#include "test/fakes/host_prelude.hpp"

#include <elf.h>

#include <csignal>
#include <cstring>

#include "ipc/abi/abi.hpp"
#include "tools/granary/core_elf.hpp"

namespace tool {
namespace {

struct CoreElf : testing::Test {
  CoreDump dump;
  std::vector<std::uint8_t> file;

  CoreElf() {
    dump.silo = "rogue";
    dump.header = {static_cast<std::uint64_t>(abi::FaultKind::Translation), 0x5000, 2, 1};
    dump.threads.resize(2);
    dump.threads[0].program_counter = 0x10004;
    dump.threads[1].program_counter = 0x10008;
    dump.threads[1].has_floating_point = 1;
    dump.threads[1].vector[2] = 0x77;
    dump.regions = {{"text", 0x10000, 0x1000, 5, false}, {"stack", 0x20000, 0x2000, 3, true}};
    dump.memory[0x20080] = std::vector<std::uint8_t>(128, 9);
  }
  template <typename T>
  T at(std::size_t offset) const {
    T value;
    EXPECT_LE(offset + sizeof value, file.size());
    std::memcpy(&value, file.data() + offset, sizeof value);
    return value;
  }
  Elf64_Phdr program(unsigned index) const { return at<Elf64_Phdr>(sizeof(Elf64_Ehdr) + index * sizeof(Elf64_Phdr)); }
  struct Note {
    std::uint32_t type;
    std::size_t start, size;
  };
  std::vector<Note> notes() const {
    std::vector<Note> all;
    const Elf64_Phdr header = program(0);
    for (std::size_t offset = header.p_offset; offset < header.p_offset + header.p_filesz;) {
      const auto note = at<Elf64_Nhdr>(offset);
      EXPECT_EQ(note.n_namesz, 5u);
      all.push_back({note.n_type, offset + sizeof note + 8, note.n_descsz});
      offset += sizeof note + 8 + (note.n_descsz + 3) / 4 * 4;
    }
    return all;
  }
};

TEST_F(CoreElf, has_a_note_for_each_thread_the_one_that_faulted_first) {
  file = make_core_file(dump);
  const auto header = at<Elf64_Ehdr>(0);
  EXPECT_EQ(header.e_type, ET_CORE);
  EXPECT_EQ(header.e_machine, EM_AARCH64);
  ASSERT_EQ(header.e_phnum, 3u);
  const auto all = notes();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].type, static_cast<unsigned>(NT_PRSTATUS));
  EXPECT_EQ(all[0].size, 392u);
  EXPECT_EQ(at<std::uint32_t>(all[0].start + 32), 2u) << "LWP 2";
  EXPECT_EQ(at<std::int16_t>(all[0].start + 12), SIGSEGV);
  EXPECT_EQ(at<std::uint64_t>(all[0].start + 112 + 32 * 8), 0x10008u) << "its pc";
  EXPECT_EQ(all[1].type, static_cast<unsigned>(NT_PRPSINFO));
  EXPECT_EQ(all[2].type, static_cast<unsigned>(NT_SIGINFO));
  EXPECT_EQ(at<std::uint64_t>(all[2].start + 16), 0x5000u);
  EXPECT_EQ(all[3].type, static_cast<unsigned>(NT_FPREGSET));
  EXPECT_EQ(at<std::uint64_t>(all[3].start + 16), 0x77u) << "V1";
  EXPECT_EQ(at<std::uint32_t>(all[4].start + 32), 1u) << "LWP 1";
}

TEST_F(CoreElf, has_what_was_told_of_a_region_and_zeros_elsewhere) {
  file = make_core_file(dump);
  const Elf64_Phdr text = program(1), stack = program(2);
  EXPECT_EQ(text.p_filesz, 0u) << "as in the program's file";
  EXPECT_EQ(text.p_memsz, 0x1000u);
  EXPECT_EQ(text.p_flags, static_cast<unsigned>(PF_R | PF_X));
  EXPECT_EQ(stack.p_vaddr, 0x20000u);
  ASSERT_EQ(stack.p_filesz, 0x2000u);
  EXPECT_EQ(file.size(), stack.p_offset + stack.p_filesz);
  EXPECT_EQ(file[stack.p_offset + 0x7f], 0);
  EXPECT_EQ(file[stack.p_offset + 0x80], 9);
  EXPECT_EQ(file[stack.p_offset + 0xff], 9);
  EXPECT_EQ(file[stack.p_offset + 0x100], 0);
}

TEST_F(CoreElf, memory_that_is_in_no_region_is_left_out) {
  dump.memory[0x21fff] = std::vector<std::uint8_t>(128, 1);
  dump.memory[0x90000] = std::vector<std::uint8_t>(128, 1);
  file = make_core_file(dump);
  EXPECT_EQ(file.size(), program(2).p_offset + 0x2000u);
  EXPECT_EQ(file.back(), 1);
}

TEST_F(CoreElf, a_silo_whose_name_gdb_would_cut_has_none) {
  dump.silo = dump.program = "a_silo_with_a_long_name";
  file = make_core_file(dump);
  EXPECT_EQ(notes().size(), 4u);
}

TEST_F(CoreElf, a_dump_of_nothing_is_a_file_still) {
  file = make_core_file(CoreDump{});
  EXPECT_EQ(at<Elf64_Ehdr>(0).e_phnum, 1u);
}

TEST(CoreElfSignal, every_fault_is_a_signal) {
  using enum abi::FaultKind;
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(Permission)), SIGSEGV);
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(Alignment)), SIGBUS);
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(UndefinedInstruction)), SIGILL);
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(Breakpoint)), SIGTRAP);
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(FloatingPoint)), SIGFPE);
  EXPECT_EQ(signal_of(static_cast<std::uint64_t>(BudgetOverrun)), SIGXCPU);
  EXPECT_EQ(signal_of(12345), SIGSEGV);
}

}  // namespace
}  // namespace tool
