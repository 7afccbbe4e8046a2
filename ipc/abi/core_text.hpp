// SPDX-License-Identifier: Apache-2.0
//
// How a stopped silo's memory and registers travel over the console: what the kernel prints (kernel/core_file.cpp) and
// `granary core` reads. One line is
//     granary: core DUMP.LINE KIND ADDRESS BASE64 CRC
// with DUMP and LINE counted from 0 in decimal, ADDRESS and CRC in hexadecimal without a prefix, the CRC (CRC-32 as in
// zlib) that of everything between "granary: core " and the blank before it, and `-` where there is no BASE64. Numbers
// in the data are little-endian.
#pragma once

#include <cstdint>

namespace abi::core_text {

inline constexpr char kPrefix[] = "granary: core ";

/// KIND, and what ADDRESS and the data are.
enum class Kind : char {
  Begin = 'B',   ///< format version; Header, then the silo's name
  Thread = 'T',  ///< number of the thread * kThreadStride + offset; a piece of its ThreadRecord; what is not said is 0
  Region = 'R',  ///< where it starts; RegionRecord, then its name
  Memory = 'M',  ///< where; kMemoryBytes of a region whose contents are told; what is not said is 0
  End = 'E',     ///< the number of this line; nothing
};

/// The name behind Header is the silo's; if it runs a further image, `/` and that one's name follow.
inline constexpr std::uint64_t kVersion = 1;
inline constexpr std::uint64_t kThreadStride = 4096;
inline constexpr std::uint64_t kMemoryBytes = 128;  ///< in one line at most
inline constexpr unsigned kLineMaximum = 250;       ///< characters, so that the kernel's console never splits one

struct Header {
  std::uint64_t fault;  ///< FaultKind
  std::uint64_t fault_address;
  std::uint32_t threads;
  std::uint32_t faulting_thread;  ///< its number
};

struct ThreadRecord {
  char name[32];
  std::uint64_t general[31];
  std::uint64_t stack_pointer;
  std::uint64_t program_counter;
  std::uint64_t processor_state;
  std::uint64_t thread_pointer;          ///< TPIDR_EL0
  std::uint64_t has_floating_point;      ///< 0 or 1
  std::uint64_t floating_point_control;  ///< FPCR
  std::uint64_t floating_point_status;   ///< FPSR
  std::uint64_t vector[64];              ///< V0 to V31, low half first
};
static_assert(sizeof(ThreadRecord) % sizeof(std::uint64_t) == 0 && sizeof(ThreadRecord) <= kThreadStride);

struct RegionRecord {
  std::uint64_t bytes;
  std::uint64_t access;  ///< 1 read, 2 write, 4 execute
  std::uint64_t told;    ///< 1: its contents follow; 0: it is as in the program's file
};

}  // namespace abi::core_text
