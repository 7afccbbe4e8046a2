// SPDX-License-Identifier: Apache-2.0
//
// ElfBuilder: makes small ELF files in memory, sound by default, so that a test can break exactly one thing.
#pragma once

#include <elf.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace tool::test {

class ElfBuilder {
 public:
  Elf64_Ehdr header{};

  /// A program with text at 0x10000 and nothing else.
  static ElfBuilder with_text() {
    ElfBuilder builder;
    builder.add(PF_R | PF_X, 0x10000, {0x1f, 0x20, 0x03, 0xd5, 0, 0, 0, 0x14}, 8);
    return builder;
  }

  ElfBuilder() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_AARCH64;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x10000;
    header.e_ehsize = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_shentsize = sizeof(Elf64_Shdr);
  }

  Elf64_Phdr& add(std::uint32_t flags, std::uint64_t address, std::vector<std::uint8_t> data, std::uint64_t bytes) {
    Elf64_Phdr program{};
    program.p_type = PT_LOAD;
    program.p_flags = flags;
    program.p_vaddr = program.p_paddr = address;
    program.p_filesz = data.size();
    program.p_memsz = bytes;
    data_.push_back(std::move(data));
    programs_.push_back(program);
    return programs_.back();
  }

  void symbol(const std::string& name, std::uint64_t value, unsigned char bind = STB_GLOBAL) {
    Elf64_Sym symbol{};
    symbol.st_name = static_cast<std::uint32_t>(names_.size());
    symbol.st_info = ELF64_ST_INFO(bind, STT_NOTYPE);
    symbol.st_shndx = SHN_ABS;
    symbol.st_value = value;
    names_ += name + '\0';
    symbols_.push_back(symbol);
  }

  /// The contents of a section .granary.contracts, as they are.
  void contracts(const std::string& text) { contracts_ = text; }

  std::vector<std::uint8_t> bytes() {
    std::vector<std::uint8_t> out(sizeof(Elf64_Ehdr));
    header.e_phnum = static_cast<std::uint16_t>(programs_.size());
    header.e_phoff = out.size();
    out.resize(out.size() + programs_.size() * sizeof(Elf64_Phdr));
    for (std::size_t i = 0; i < programs_.size(); ++i) {
      programs_[i].p_offset += out.size();  // a test may have moved it
      out.insert(out.end(), data_[i].begin(), data_[i].end());
    }
    put(out, header.e_phoff, programs_.data(), programs_.size() * sizeof(Elf64_Phdr));
    Elf64_Shdr sections[3]{};
    sections[0].sh_type = SHT_SYMTAB;
    sections[0].sh_link = 1;
    sections[0].sh_offset = out.size();
    sections[0].sh_size = symbols_.size() * sizeof(Elf64_Sym);
    out.resize(out.size() + sections[0].sh_size);
    put(out, sections[0].sh_offset, symbols_.data(), sections[0].sh_size);
    sections[1].sh_type = SHT_STRTAB;
    sections[1].sh_offset = out.size();
    sections[1].sh_size = names_.size();
    out.insert(out.end(), names_.begin(), names_.end());
    // The third one's name is behind the names of the symbols.
    sections[2].sh_name = static_cast<std::uint32_t>(names_.size());
    const std::string name = ".granary.contracts" + std::string(1, '\0');
    sections[1].sh_size += name.size();
    out.insert(out.end(), name.begin(), name.end());
    sections[2].sh_type = SHT_PROGBITS;
    sections[2].sh_offset = out.size();
    sections[2].sh_size = contracts_.size();
    out.insert(out.end(), contracts_.begin(), contracts_.end());
    header.e_shstrndx = 1;
    header.e_shoff = out.size();
    header.e_shnum = contracts_.empty() ? 2 : 3;
    out.resize(out.size() + sizeof sections);
    put(out, header.e_shoff, sections, sizeof sections);
    put(out, 0, &header, sizeof header);
    return out;
  }

 private:
  static void put(std::vector<std::uint8_t>& out, std::uint64_t offset, const void* from, std::size_t count) {
    if (count != 0) std::memcpy(out.data() + offset, from, count);
  }

  std::vector<Elf64_Phdr> programs_;
  std::vector<std::vector<std::uint8_t>> data_;
  std::vector<Elf64_Sym> symbols_;
  std::string contracts_;
  std::string names_ = std::string(1, '\0');
};

}  // namespace tool::test
