// SPDX-License-Identifier: Apache-2.0
//
// See core_elf.hpp. Structures and numbers: <elf.h>, System V ABI; contents of the notes as Linux has them on AArch64
// (elf_prstatus: 392 bytes, elf_prpsinfo: 136 bytes, user_fpsimd_struct: 528 bytes).
#include "tools/granary/core_elf.hpp"

#include <elf.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string>

#include "ipc/abi/abi.hpp"
#include "tools/granary/symbolize.hpp"

namespace tool {

namespace {

using Bytes = std::vector<std::uint8_t>;

template <typename T>
void put(Bytes& bytes, std::size_t at, const T& value) {
  if (bytes.size() < at + sizeof value) bytes.resize(at + sizeof value);
  std::memcpy(bytes.data() + at, &value, sizeof value);
}

void put_text(Bytes& bytes, std::size_t at, const std::string& text, std::size_t room) {
  for (std::size_t i = 0; i + 1 < room && i < text.size(); ++i) bytes[at + i] = static_cast<std::uint8_t>(text[i]);
}

void add_note(Bytes& notes, std::uint32_t type, const Bytes& contents) {
  const std::size_t start = notes.size();
  constexpr char kOwner[8] = "CORE";  // with its padding
  put(notes, start, Elf64_Nhdr{5, static_cast<std::uint32_t>(contents.size()), type});
  put(notes, start + sizeof(Elf64_Nhdr), kOwner);
  notes.insert(notes.end(), contents.begin(), contents.end());
  notes.resize((notes.size() + 3) / 4 * 4);
}

Bytes status_of(const abi::core_text::ThreadRecord& thread, std::uint32_t number, int signal) {
  constexpr std::size_t kSignal = 12, kProcess = 32, kRegisters = 112, kSize = 392;
  Bytes status(kSize);
  put(status, 0, static_cast<std::int32_t>(signal));
  put(status, kSignal, static_cast<std::int16_t>(signal));
  put(status, kProcess, number);
  put(status, kRegisters, thread.general);
  put(status, kRegisters + 31 * 8, thread.stack_pointer);
  put(status, kRegisters + 32 * 8, thread.program_counter);
  put(status, kRegisters + 33 * 8, thread.processor_state);
  put(status, kRegisters + 34 * 8, static_cast<std::int32_t>(thread.has_floating_point != 0));
  return status;
}

Bytes floating_point_of(const abi::core_text::ThreadRecord& thread) {
  constexpr std::size_t kStatus = 512, kControl = 516, kSize = 528;
  Bytes registers(kSize);
  put(registers, 0, thread.vector);
  put(registers, kStatus, static_cast<std::uint32_t>(thread.floating_point_status));
  put(registers, kControl, static_cast<std::uint32_t>(thread.floating_point_control));
  return registers;
}

/// gdb compares it with the name of the program's file.
std::string program_of(const CoreDump& dump) { return program_file({}, dump.program).filename().string(); }
constexpr std::size_t kNameRoom = 16;

Bytes process_of(const CoreDump& dump) {
  constexpr std::size_t kProcess = 24, kName = 40, kArguments = 56, kSize = 136;
  Bytes process(kSize);
  put(process, kProcess, std::uint32_t{1});
  put_text(process, kName, program_of(dump), kNameRoom);
  put_text(process, kArguments, dump.silo, 80);
  return process;
}

Bytes signal_information(const CoreDump& dump, int signal) {
  constexpr std::size_t kAddress = 16, kSize = 128;
  Bytes information(kSize);
  put(information, 0, static_cast<std::int32_t>(signal));
  put(information, kAddress, dump.header.fault_address);
  return information;
}

Bytes notes_of(const CoreDump& dump) {
  const int signal = signal_of(dump.header.fault);
  Bytes notes;
  // gdb begins with the thread that comes first.
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < dump.threads.size(); ++i) order.push_back(i);
  std::stable_partition(order.begin(), order.end(),
                        [&](std::uint32_t index) { return index == dump.header.faulting_thread; });
  bool is_first = true;
  for (const std::uint32_t index : order) {
    const auto& thread = dump.threads[index];
    add_note(notes, NT_PRSTATUS, status_of(thread, index + 1, signal));
    if (is_first) {
      // A name that is cut short would be taken for that of another program.
      if (program_of(dump).size() < kNameRoom) add_note(notes, NT_PRPSINFO, process_of(dump));
      add_note(notes, NT_SIGINFO, signal_information(dump, signal));
    }
    if (thread.has_floating_point != 0) add_note(notes, NT_FPREGSET, floating_point_of(thread));
    is_first = false;
  }
  return notes;
}

Bytes contents_of(const CoreDump& dump, const CoreRegion& region) {
  Bytes contents(region.bytes);
  for (auto piece = dump.memory.lower_bound(region.start); piece != dump.memory.end(); ++piece) {
    const std::uint64_t offset = piece->first - region.start;
    if (offset >= contents.size()) break;
    const std::size_t count = std::min<std::size_t>(piece->second.size(), contents.size() - offset);
    std::copy_n(piece->second.begin(), count, contents.begin() + static_cast<std::ptrdiff_t>(offset));
  }
  return contents;
}

std::uint32_t flags_of(const CoreRegion& region) {
  return ((region.access & 1) != 0 ? PF_R : 0u) | ((region.access & 2) != 0 ? PF_W : 0u) |
         ((region.access & 4) != 0 ? PF_X : 0u);
}

}  // namespace

int signal_of(std::uint64_t fault) {
  switch (static_cast<abi::FaultKind>(fault)) {
    case abi::FaultKind::Alignment:
    case abi::FaultKind::ExternalAbort: return SIGBUS;
    case abi::FaultKind::UndefinedInstruction:
    case abi::FaultKind::TrappedRegister: return SIGILL;
    case abi::FaultKind::Breakpoint: return SIGTRAP;
    case abi::FaultKind::FloatingPoint: return SIGFPE;
    case abi::FaultKind::BudgetOverrun: return SIGXCPU;
    case abi::FaultKind::Watchdog: return SIGALRM;
    case abi::FaultKind::None:
    case abi::FaultKind::Translation:
    case abi::FaultKind::Permission:
    case abi::FaultKind::AddressSize:
    case abi::FaultKind::Other: return SIGSEGV;
  }
  return SIGSEGV;
}

std::vector<std::uint8_t> make_core_file(const CoreDump& dump) {
  const Bytes notes = notes_of(dump);
  Elf64_Ehdr header{};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_ident[EI_VERSION] = EV_CURRENT;
  header.e_type = ET_CORE;
  header.e_machine = EM_AARCH64;
  header.e_version = EV_CURRENT;
  header.e_phoff = sizeof header;
  header.e_ehsize = sizeof header;
  header.e_phentsize = sizeof(Elf64_Phdr);
  header.e_phnum = static_cast<Elf64_Half>(1 + dump.regions.size());
  Bytes file;
  put(file, 0, header);
  std::size_t next_header = sizeof header;
  file.resize(sizeof header + header.e_phnum * sizeof(Elf64_Phdr));
  put(file, next_header, Elf64_Phdr{PT_NOTE, 0, file.size(), 0, 0, notes.size(), 0, 4});
  file.insert(file.end(), notes.begin(), notes.end());
  for (const CoreRegion& region : dump.regions) {
    next_header += sizeof(Elf64_Phdr);
    const Bytes contents = region.is_told ? contents_of(dump, region) : Bytes{};
    put(file, next_header,
        Elf64_Phdr{PT_LOAD, flags_of(region), file.size(), region.start, 0, contents.size(), region.bytes, 1});
    file.insert(file.end(), contents.begin(), contents.end());
  }
  return file;
}

}  // namespace tool
