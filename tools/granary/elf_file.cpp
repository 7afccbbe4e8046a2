// SPDX-License-Identifier: Apache-2.0
//
// Parsing and checking ELF64 little-endian AArch64 executables (elf_file.hpp). Structures and numbers: <elf.h>, System
// V ABI.
#include "tools/granary/elf_file.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "tools/granary/manifest.hpp"
#include "tools/granary/program_contracts.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

class Parser {
 public:
  Parser(const std::vector<std::uint8_t>& bytes, const Location& where, Diagnostics& diagnostics)
      : bytes_(bytes), where_(where), diagnostics_(diagnostics) {}

  ElfFile run() {
    if (!header()) return std::move(elf_);
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      Elf64_Phdr program{};
      if (!read(header_.e_phoff + std::uint64_t{i} * sizeof program, program)) {
        refuse("its program headers lie behind the end of the file", "link it again; the file is cut short");
        return std::move(elf_);
      }
      segment(program);
    }
    std::sort(elf_.segments.begin(), elf_.segments.end(),
              [](const Segment& a, const Segment& b) { return a.address < b.address; });
    overlaps();
    if (elf_.segments.empty()) refuse("it has nothing to load", "link it as a program (silos/sdk/silo.ld)");
    if (!diagnostics_.failed() && !elf_.is_executable(elf_.entry))
      refuse("its entry " + hexadecimal(elf_.entry) + " is not in an executable segment",
             "define _start in .text and link with ENTRY(_start)");
    symbols();
    contracts();
    return std::move(elf_);
  }

 private:
  void refuse(const std::string& reason, const std::string& remedy) { diagnostics_.error(where_, reason, remedy); }

  /// A copy of the structure at `offset`, if the file reaches that far.
  template <typename T>
  bool read(std::uint64_t offset, T& out) const {
    if (offset > bytes_.size() || bytes_.size() - offset < sizeof out) return false;
    std::memcpy(&out, bytes_.data() + offset, sizeof out);
    return true;
  }

  bool header() {
    if (!read(0, header_) || std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) {
      refuse("it is not an ELF file", "name a program linked with the SDK (silos/sdk/sdk.mk)");
      return false;
    }
    if (header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      refuse("it is not a 64-bit little-endian ELF file", "compile it with aarch64-linux-gnu-gcc");
      return false;
    }
    if (header_.e_machine != EM_AARCH64) {
      refuse("it is for machine " + std::to_string(header_.e_machine) + ", not for AArch64 (" +
                 std::to_string(EM_AARCH64) + ")",
             "compile it with the cross compiler, not the host's");
      return false;
    }
    if (header_.e_type != ET_EXEC) {
      refuse("it is not linked at fixed addresses (ELF type " + std::to_string(header_.e_type) + ", not EXEC)",
             "compile with -fno-pie and link with -no-pie -static");
      return false;
    }
    if (header_.e_phentsize != sizeof(Elf64_Phdr)) {
      refuse("its program headers have an unknown size", "link it again with the SDK's linker script");
      return false;
    }
    elf_.entry = header_.e_entry;
    return true;
  }

  void segment(const Elf64_Phdr& program) {
    if (program.p_type == PT_INTERP || program.p_type == PT_DYNAMIC)
      return refuse("it is dynamically linked", "link with -static -no-pie");
    if (program.p_type != PT_LOAD || program.p_memsz == 0) return;
    const std::string name = "its segment at " + hexadecimal(program.p_vaddr);
    if ((program.p_flags & PF_W) != 0 && (program.p_flags & PF_X) != 0)
      return refuse(name + " is writable and executable",
                    "keep code and data in segments of their own (silos/sdk/silo.ld does)");
    if ((program.p_flags & PF_R) == 0)
      return refuse(name + " is not readable", "give the segment the flag R in the linker script's PHDRS");
    if (program.p_vaddr < kPageBytes)
      return refuse(name + " touches page 0, which is never mapped", "link it at 0x10000 (silos/sdk/silo.ld does)");
    if (program.p_vaddr >= kProgramLimit || program.p_memsz > kProgramLimit - program.p_vaddr)
      return refuse(name + " reaches beyond 1 GiB", "link it at 0x10000, and make its data smaller");
    if (program.p_vaddr % kPageBytes != 0)
      return refuse(name + " does not begin at a page",
                    "align each segment to 4096 in the linker script (silos/sdk/silo.ld does)");
    if (program.p_filesz > program.p_memsz || program.p_offset > bytes_.size() ||
        program.p_filesz > bytes_.size() - program.p_offset)
      return refuse(name + " lies behind the end of the file", "link it again; the file is cut short");
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(program.p_offset);
    const unsigned access = kRead | ((program.p_flags & PF_W) != 0 ? unsigned{kWrite} : 0) |
                            ((program.p_flags & PF_X) != 0 ? unsigned{kExecute} : 0);
    elf_.segments.push_back(
        {program.p_vaddr, program.p_memsz, access, {begin, begin + static_cast<std::ptrdiff_t>(program.p_filesz)}});
  }

  void overlaps() {
    for (std::size_t i = 1; i < elf_.segments.size(); ++i) {
      const Segment& low = elf_.segments[i - 1];
      const std::uint64_t end = (low.address + low.memory_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
      if (end > elf_.segments[i].address)
        refuse("its segments at " + hexadecimal(low.address) + " and " + hexadecimal(elf_.segments[i].address) +
                   " overlap",
               "give each segment its own pages in the linker script (silos/sdk/silo.ld does)");
    }
  }

  /// The symbol table, if the file is not stripped. Defects in it only mean that symbols are not found.
  void symbols() {
    for (unsigned i = 0; i < header_.e_shnum; ++i) {
      Elf64_Shdr table{}, names{};
      if (!read(header_.e_shoff + std::uint64_t{i} * sizeof table, table) || table.sh_type != SHT_SYMTAB) continue;
      if (!read(header_.e_shoff + std::uint64_t{table.sh_link} * sizeof names, names)) continue;
      for (std::uint64_t offset = 0; offset + sizeof(Elf64_Sym) <= table.sh_size; offset += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol{};
        if (!read(table.sh_offset + offset, symbol)) break;
        if (symbol.st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol.st_info) == STB_LOCAL) continue;
        const std::string name = string_at(names, symbol.st_name);
        if (!name.empty()) elf_.symbols.emplace(name, symbol.st_value);
      }
    }
  }

  /// Texts, each with its NUL, and more of those between them for the alignment.
  void contracts() {
    Elf64_Shdr names{};
    if (header_.e_shstrndx >= header_.e_shnum ||
        !read(header_.e_shoff + std::uint64_t{header_.e_shstrndx} * sizeof names, names))
      return;
    for (unsigned i = 0; i < header_.e_shnum; ++i) {
      Elf64_Shdr section{};
      if (!read(header_.e_shoff + std::uint64_t{i} * sizeof section, section)) return;
      if (section.sh_type == SHT_NOBITS || string_at(names, section.sh_name) != kContractSection) continue;
      if (section.sh_offset > bytes_.size() || section.sh_size > bytes_.size() - section.sh_offset)
        return refuse("its section " + std::string(kContractSection) + " lies behind the end of the file",
                      "link it again; the file is cut short");
      const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(section.sh_offset);
      std::string text;
      for (auto at = begin; at != begin + static_cast<std::ptrdiff_t>(section.sh_size); ++at) {
        if (*at != 0) text += static_cast<char>(*at);
        if (*at == 0 && !text.empty()) elf_.contracts.push_back(std::exchange(text, {}));
      }
      if (!text.empty()) elf_.contracts.push_back(text);
    }
  }

  std::string string_at(const Elf64_Shdr& names, std::uint32_t index) const {
    std::string text;
    for (std::uint64_t at = index; at < names.sh_size; ++at) {
      char character = 0;
      if (!read(names.sh_offset + at, character) || character == '\0') break;
      text += character;
    }
    return text;
  }

  const std::vector<std::uint8_t>& bytes_;
  const Location& where_;
  Diagnostics& diagnostics_;
  Elf64_Ehdr header_{};
  ElfFile elf_;
};

}  // namespace

std::optional<std::uint64_t> ElfFile::symbol(const std::string& name) const {
  const auto found = symbols.find(name);
  return found == symbols.end() ? std::nullopt : std::optional(found->second);
}

bool ElfFile::is_executable(std::uint64_t address) const {
  return address % 4 == 0 && std::any_of(segments.begin(), segments.end(), [&](const Segment& segment) {
           return (segment.access & kExecute) != 0 && address >= segment.address &&
                  address - segment.address < segment.memory_bytes;
         });
}

ElfFile parse_elf(const std::vector<std::uint8_t>& bytes, const Location& where, Diagnostics& diagnostics) {
  return Parser(bytes, where, diagnostics).run();
}

ElfFile read_elf(const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::ifstream input(file, std::ios::binary);
  if (!input) {
    diagnostics.error({file.string(), 0}, "this program cannot be read",
                      "build it first (`granary makefile` writes the rules)");
    return {};
  }
  const std::vector<std::uint8_t> bytes((std::istreambuf_iterator<char>(input)), std::istreambuf_iterator<char>());
  return parse_elf(bytes, {file.string(), 0}, diagnostics);
}

}  // namespace tool
