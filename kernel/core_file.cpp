// SPDX-License-Identifier: Apache-2.0
//
// See core_file.hpp. A line is put together in a buffer, because its checksum comes last.
#include "kernel/core_file.hpp"

#include <algorithm>

#include "kernel/console.hpp"
#include "kernel/fault.hpp"
#include "kernel/message_page.hpp"
#include "kernel/port/memory_window.hpp"
#include "kernel/silo_reader.hpp"
#include "kernel/thread.hpp"

namespace kernel {

namespace {

namespace text = abi::core_text;
static_assert(kPieceBytes == text::kMemoryBytes);

constinit bool is_on = false;  ///< set at boot

/// One line; what does not fit is a mistake that the host test finds.
struct LineBuffer {
  char characters[text::kLineMaximum] = {};
  std::uint32_t length = 0;
  void write(std::string_view piece) {
    for (const char character : piece) {
      if (length < sizeof characters) characters[length++] = character;
    }
  }
  std::string_view view() const { return {characters, length}; }
  void write_hexadecimal(std::uint64_t value) {
    char buffer[24];
    std::string_view digits = base::FormatArgument(base::Hex{value}).render(buffer);
    digits.remove_prefix(2);  // 0x
    write(digits);
  }
  void write_base64(std::span<const std::byte> data) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (std::size_t at = 0; at < data.size(); at += 3) {
      const std::size_t count = data.size() - at < 3 ? data.size() - at : 3;
      std::uint32_t group = 0;
      for (std::size_t i = 0; i < 3; ++i)
        group = (group << 8) | (i < count ? std::to_integer<std::uint32_t>(data[at + i]) : 0);
      for (std::size_t i = 0; i < 4; ++i) {
        const char digit = kDigits[(group >> (18 - 6 * i)) & 63];
        write(i <= count ? std::string_view(&digit, 1) : "=");
      }
    }
  }
};

text::ThreadRecord record_of(const Thread& thread) {
  text::ThreadRecord record = {};
  for (std::size_t i = 0; i < thread.name().size(); ++i) record.name[i] = thread.name()[i];
  for (unsigned i = 0; i < 31; ++i) record.general[i] = thread.general[i];
  record.stack_pointer = thread.stack_pointer;
  record.program_counter = thread.program_counter;
  record.processor_state = thread.processor_state;
  record.thread_pointer = thread.thread_pointer;
  if (!thread.uses_floating_point) return record;
  record.has_floating_point = 1;
  record.floating_point_control = thread.floating_point.control;
  record.floating_point_status = thread.floating_point.status;
  for (unsigned i = 0; i < 64; ++i) record.vector[i] = thread.floating_point.vector[i];
  return record;
}

std::uint32_t number_of_faulting_thread(const Silo& silo) {
  for (std::uint32_t i = 0; i < silo.threads().size(); ++i) {
    if (silo.threads()[i]->name() == silo.fault_record().thread.view()) return i;
  }
  return 0;
}

std::uint64_t access_bits(port::Access access) {
  switch (access) {
    case port::Access::Read: return 1;
    case port::Access::ReadWrite: return 3;
    case port::Access::ReadExecute: return 5;
  }
  return 0;
}

/// A structure, and a name behind it.
template <typename Record>
struct Named {
  static constexpr std::size_t kNames = 2;  ///< of a silo and its image
  std::byte bytes[sizeof(Record) + kNames * (base::FixedName::kLengthMaximum + 1)] = {};
  std::size_t size = 0;
  Named(const Record& record, std::string_view name) {
    add(std::as_bytes(std::span(&record, 1)));
    add(std::as_bytes(std::span(name)));
  }
  void add(std::span<const std::byte> more) {
    for (const std::byte byte : more) bytes[size++] = byte;
  }
  std::span<const std::byte> view() const { return {bytes, size}; }
};

}  // namespace

void set_core_files(bool on) { is_on = on; }
bool core_files_are_on() { return is_on; }

void CoreFileWriter::begin(const Silo& silo, std::uint32_t number_of_dump) {
  *this = {};
  silo_ = &silo;
  dump_ = number_of_dump;
  phase_ = Phase::Begin;
}

void CoreFileWriter::print(Kind kind, std::uint64_t address, std::span<const std::byte> data) {
  constexpr std::uint32_t kPrefix = sizeof text::kPrefix - 1;
  LineBuffer line;
  line.write(text::kPrefix);
  base::format(line, "{}.{} {} ", dump_, line_++, static_cast<char>(kind));
  line.write_hexadecimal(address);
  line.write(" ");
  if (data.empty()) line.write("-");
  line.write_base64(data);
  const auto checked = std::as_bytes(std::span(line.characters).subspan(kPrefix, line.length - kPrefix));
  const std::uint32_t crc = port::crc32(0, checked.data(), checked.size());
  line.write(" ");
  line.write_hexadecimal(crc);
  line.write("\n");
  console_write(line.view());
}

void CoreFileWriter::print_header() {
  const port::FaultReport& report = silo_->fault_record().report;
  const text::Header header = {.fault = static_cast<std::uint64_t>(fault_kind(report.cause)),
                               .fault_address = report.address_valid ? report.address : 0,
                               .threads = static_cast<std::uint32_t>(silo_->threads().size()),
                               .faulting_thread = number_of_faulting_thread(*silo_)};
  Named named(header, silo_->name.view());
  if (const std::string_view image = image_name(*silo_); !image.empty()) {
    named.add(std::as_bytes(std::span(std::string_view("/"))));
    named.add(std::as_bytes(std::span(image)));
  }
  print(Kind::Begin, text::kVersion, named.view());
  phase_ = Phase::Threads;
}

void CoreFileWriter::print_thread() {
  if (index_ == silo_->threads().size()) {
    index_ = 0;
    phase_ = Phase::Regions;
    return;
  }
  const text::ThreadRecord record = record_of(*silo_->threads()[index_]);
  const auto bytes = std::as_bytes(std::span(&record, 1));
  // What is said of a thread without floating point ends before it.
  const std::uint64_t size = record.has_floating_point != 0 ? bytes.size() : offsetof(text::ThreadRecord, vector);
  const std::uint64_t count = size - offset_ < kPieceBytes ? size - offset_ : kPieceBytes;
  print(Kind::Thread, index_ * text::kThreadStride + offset_, bytes.subspan(offset_, count));
  offset_ += count;
  if (offset_ < size) return;
  offset_ = 0;
  ++index_;
}

void CoreFileWriter::print_region() {
  if (index_ == silo_->regions().size()) {
    index_ = 0;
    phase_ = Phase::PageRegions;
    return;
  }
  const Region& region = silo_->regions()[index_++];
  const text::RegionRecord record = {.bytes = region.range.size().bytes(),
                                     .access = access_bits(region.access),
                                     .told = region.access == port::Access::ReadWrite ? 1u : 0u};
  print(Kind::Region, region.range.start().value(), Named(record, region.name.view()).view());
}

void CoreFileWriter::print_memory() {
  if (index_ == silo_->regions().size()) {
    index_ = 0;
    offset_ = 0;
    phase_ = Phase::Pages;
    return;
  }
  const Region& region = silo_->regions()[index_];
  if (region.access != port::Access::ReadWrite || offset_ == region.range.size().bytes()) {
    offset_ = 0;
    ++index_;
    return;
  }
  const base::SiloAddress from = region.range.start() + offset_;
  const base::SiloAddress end = from.page() + base::kPageSize;
  Piece piece;
  const base::SiloAddress found = find_piece(*silo_, from, piece);
  offset_ += found - from;
  if (found == end) return;
  print(Kind::Memory, found.value(), std::as_bytes(std::span(piece.word)));
  offset_ += kPieceBytes;
}

/// The message page of each thread, as a region that has no name of its own in the silo.
void CoreFileWriter::print_page_region() {
  if (index_ == silo_->threads().size()) {
    index_ = 0;
    phase_ = Phase::Memory;
    return;
  }
  const text::RegionRecord record = {
      .bytes = base::kPageSize, .access = access_bits(port::Access::ReadWrite), .told = 1};
  print(Kind::Region, message_page_address(index_++).value(), Named(record, "messages").view());
}

void CoreFileWriter::print_page() {
  if (index_ == silo_->threads().size()) {
    phase_ = Phase::End;
    return;
  }
  const std::span<const std::byte> page = bytes_of(silo_->threads()[index_]->message_page());
  const auto is_zero = [&](std::uint64_t from) {
    const auto piece = page.subspan(from, kPieceBytes);
    return std::all_of(piece.begin(), piece.end(), [](std::byte byte) { return byte == std::byte{0}; });
  };
  while (offset_ < page.size() && is_zero(offset_)) offset_ += kPieceBytes;
  if (offset_ == page.size()) {
    offset_ = 0;
    ++index_;
    return;
  }
  print(Kind::Memory, message_page_address(index_).value() + offset_, page.subspan(offset_, kPieceBytes));
  offset_ += kPieceBytes;
}

bool CoreFileWriter::step() {
  switch (phase_) {
    case Phase::Begin: print_header(); return true;
    case Phase::Threads: print_thread(); return true;
    case Phase::Regions: print_region(); return true;
    case Phase::PageRegions: print_page_region(); return true;
    case Phase::Memory: print_memory(); return true;
    case Phase::Pages: print_page(); return true;
    case Phase::End: print(Kind::End, line_, {}); return false;
  }
  return false;
}

}  // namespace kernel
