// SPDX-License-Identifier: Apache-2.0
//
// CoreFileWriter: prints a stopped silo, its threads' registers and what it could write of its memory, as lines that
// `granary core` makes an ELF core file of (ipc/abi/core_text.hpp). Changes nothing. The silo's threads have ended, and
// its memory is as they left it, until the writer is done. One line at a step, and one page looked at.
#pragma once

#include <cstdint>
#include <span>

#include "ipc/abi/core_text.hpp"
#include "kernel/silo.hpp"

namespace kernel {

/// Whether silos that fault are printed so (boot argument `core_files`).
void set_core_files(bool on);
bool core_files_are_on();

class CoreFileWriter {
 public:
  constexpr CoreFileWriter() = default;
  void begin(const Silo& silo, std::uint32_t number_of_dump);
  /// False: the line that it has printed was the last one.
  bool step();

 private:
  using Kind = abi::core_text::Kind;
  enum class Phase : std::uint8_t { Begin, Threads, Regions, PageRegions, Memory, Pages, End };

  void print(Kind kind, std::uint64_t address, std::span<const std::byte> data);
  void print_header();
  void print_thread();
  void print_region();
  void print_memory();
  void print_page_region();
  void print_page();

  const Silo* silo_ = nullptr;
  std::uint32_t dump_ = 0;
  std::uint32_t line_ = 0;
  Phase phase_ = Phase::End;
  std::uint32_t index_ = 0;   ///< of the thread or region
  std::uint64_t offset_ = 0;  ///< in it
};

}  // namespace kernel
