// SPDX-License-Identifier: Apache-2.0
//
// Device-tree blobs for tests, written by libfdt. The finished blob lies in a heap block of exactly its size, 8-byte
// aligned, so that AddressSanitizer sees any read behind it.
#pragma once

#include <libfdt.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace fakes {

/// Exactly-sized, 8-byte aligned bytes.
class Blob {
 public:
  Blob() = default;
  explicit Blob(const std::vector<std::uint8_t>& bytes) : bytes_(new std::uint8_t[bytes.size()]), size_(bytes.size()) {
    std::memcpy(bytes_.get(), bytes.data(), bytes.size());
  }
  std::uint8_t* data() { return bytes_.get(); }
  const std::uint8_t* data() const { return bytes_.get(); }
  std::size_t size() const { return size_; }
  std::vector<std::uint8_t> copy() const { return {bytes_.get(), bytes_.get() + size_}; }
  /// The blob with the big-endian word at `offset` replaced.
  Blob with_word(std::size_t offset, std::uint32_t word) const {
    std::vector<std::uint8_t> bytes = copy();
    for (int i = 0; i < 4; ++i)
      bytes.at(offset + static_cast<std::size_t>(i)) = static_cast<std::uint8_t>(word >> (24 - 8 * i));
    return Blob(bytes);
  }

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;
  std::size_t size_ = 0;
};

class DeviceTreeBuilder {
 public:
  DeviceTreeBuilder() : buffer_(256 << 10) { check(fdt_create(buffer_.data(), static_cast<int>(buffer_.size()))); }

  /// Before the first node.
  DeviceTreeBuilder& reserve(std::uint64_t address, std::uint64_t bytes) {
    check(fdt_add_reservemap_entry(buffer_.data(), address, bytes));
    return *this;
  }
  DeviceTreeBuilder& begin(const std::string& name) {
    if (!reservations_done_) check(fdt_finish_reservemap(buffer_.data()));
    reservations_done_ = true;
    check(fdt_begin_node(buffer_.data(), name.c_str()));
    return *this;
  }
  DeviceTreeBuilder& end() {
    check(fdt_end_node(buffer_.data()));
    return *this;
  }
  /// Strings, each with its NUL.
  DeviceTreeBuilder& text(const char* name, const std::vector<std::string>& strings) {
    std::string all;
    for (const std::string& one : strings) all += one + '\0';
    check(fdt_property(buffer_.data(), name, all.data(), static_cast<int>(all.size())));
    return *this;
  }
  DeviceTreeBuilder& text(const char* name, const char* string) { return text(name, std::vector<std::string>{string}); }
  DeviceTreeBuilder& cells(const char* name, const std::vector<std::uint32_t>& cells) {
    std::vector<fdt32_t> words;
    for (const std::uint32_t cell : cells) words.push_back(cpu_to_fdt32(cell));
    check(fdt_property(buffer_.data(), name, words.data(), static_cast<int>(words.size() * 4)));
    return *this;
  }
  DeviceTreeBuilder& wide(const char* name, std::uint64_t value) {
    check(fdt_property_u64(buffer_.data(), name, value));
    return *this;
  }
  DeviceTreeBuilder& empty(const char* name) {
    check(fdt_property(buffer_.data(), name, nullptr, 0));
    return *this;
  }
  Blob finish() {
    check(fdt_finish(buffer_.data()));
    buffer_.resize(fdt_totalsize(buffer_.data()));
    return Blob(buffer_);
  }

 private:
  static void check(int status) {
    if (status != 0) throw std::logic_error(fdt_strerror(status));
  }
  std::vector<std::uint8_t> buffer_;
  bool reservations_done_ = false;
};

}  // namespace fakes
