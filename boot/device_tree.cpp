// SPDX-License-Identifier: Apache-2.0
//
// The bounded reader. Each bound is checked before the access it protects; sums are made in 64 bits so that none can
// wrap.
#include "boot/device_tree.hpp"

namespace boot {

namespace {

constexpr std::uint32_t kTokenBeginNode = 1, kTokenEndNode = 2, kTokenProperty = 3, kTokenNothing = 4, kTokenEnd = 9;

std::uint32_t big_endian_at(const char* at) {
  // SAFETY: callers pass a multiple of 4 from an 8-byte aligned blob, inside the checked bounds; the bytes are plain
  // memory.
  return __builtin_bswap32(*reinterpret_cast<const std::uint32_t*>(static_cast<const void*>(at)));
}

constexpr bool has_zero_byte(std::uint32_t cell) { return ((cell - 0x0101'0101) & ~cell & 0x8080'8080) != 0; }

bool block_is_inside(std::uint32_t start, std::uint32_t bytes, std::uint32_t total, std::uint32_t alignment) {
  return start % alignment == 0 && start >= kDeviceTreeHeaderBytes && std::uint64_t{start} + bytes <= total;
}

}  // namespace

const char* device_tree_defect_text(DeviceTreeDefect defect) {
  switch (defect) {
    case DeviceTreeDefect::None: return "it is sound";
    case DeviceTreeDefect::Misaligned: return "its address is not a multiple of 8";
    case DeviceTreeDefect::BadMagic: return "it does not begin with the magic number 0xd00dfeed";
    case DeviceTreeDefect::BadVersion: return "its format version is not 17";
    case DeviceTreeDefect::BadSize: return "its total size is absurd";
    case DeviceTreeDefect::BadBlock: return "its header points outside of it";
  }
  return "";
}

std::uint32_t PropertyValue::cell(std::uint32_t index) const {
  return index < cell_count() ? big_endian_at(start_ + std::size_t{index} * 4) : 0;
}

std::uint64_t PropertyValue::number(std::uint32_t index, std::uint32_t cells) const {
  if (cells == 0) return 0;
  if (cells == 1) return cell(index);
  return std::uint64_t{cell(index)} << 32 | cell(index + 1);
}

std::string_view PropertyValue::text() const {
  std::uint32_t length = 0;
  while (length < bytes_ && start_[length] != 0) ++length;
  return std::string_view(start_, length);
}

StringList::StringList(PropertyValue value) {
  std::uint32_t at = 0;
  while (at < value.bytes() && count_ < kMaximum) {
    entry_[count_] = PropertyValue(value.data() + at, value.bytes() - at).text();
    at += static_cast<std::uint32_t>(entry_[count_++].size()) + 1;
  }
}

bool StringList::contains(std::string_view wanted) const {
  for (std::uint32_t index = 0; index < count_; ++index) {
    if (entry_[index] == wanted) return true;
  }
  return false;
}

std::uint32_t DeviceTree::magic_at(const void* blob) { return big_endian_at(static_cast<const char*>(blob)); }
std::uint32_t DeviceTree::total_bytes_at(const void* blob) { return big_endian_at(static_cast<const char*>(blob) + 4); }

DeviceTreeDefect DeviceTree::check(const void* blob, DeviceTree& tree) {
  // SAFETY: the address is only looked at, for its alignment.
  if (reinterpret_cast<std::uintptr_t>(blob) % 8 != 0) return DeviceTreeDefect::Misaligned;
  const char* start = static_cast<const char*>(blob);
  if (magic_at(blob) != kDeviceTreeMagic) return DeviceTreeDefect::BadMagic;
  DeviceTree found;
  found.blob_ = start;
  found.total_ = total_bytes_at(blob);
  found.structure_ = big_endian_at(start + 8);
  found.strings_ = big_endian_at(start + 12);
  found.reservations_ = big_endian_at(start + 16);
  if (big_endian_at(start + 20) < 17 || big_endian_at(start + 24) > 17) return DeviceTreeDefect::BadVersion;
  found.strings_bytes_ = big_endian_at(start + 32);
  found.structure_bytes_ = big_endian_at(start + 36);
  if (found.total_ < kDeviceTreeHeaderBytes || found.total_ > kDeviceTreeBytesMaximum) return DeviceTreeDefect::BadSize;
  if (!block_is_inside(found.structure_, found.structure_bytes_, found.total_, 4) ||
      !block_is_inside(found.strings_, found.strings_bytes_, found.total_, 1) ||
      !block_is_inside(found.reservations_, 16, found.total_, 8)) {
    return DeviceTreeDefect::BadBlock;
  }
  tree = found;
  return DeviceTreeDefect::None;
}

bool DeviceTree::reservation(std::uint32_t index, std::uint64_t& address, std::uint64_t& bytes) const {
  const std::uint64_t at = std::uint64_t{reservations_} + std::uint64_t{index} * 16;
  if (at + 16 > total_) return false;
  const PropertyValue entry(blob_ + at, 16);
  address = entry.number(0, 2);
  bytes = entry.number(2, 2);
  return address != 0 || bytes != 0;
}

DeviceTreeToken DeviceTreeCursor::damaged() {
  at_ = end_;  // every later step finds the block exhausted
  return DeviceTreeToken::Damaged;
}

DeviceTreeToken DeviceTreeCursor::next() {
  if (leaving_) --depth_;
  leaving_ = false;
  for (;;) {
    if (left() < 4) return damaged();
    const std::uint32_t token = big_endian_at(at_);
    if (token == kTokenProperty) {
      if (depth_ == 0 || left() < 12) return damaged();
      bytes_ = big_endian_at(at_ + 4);
      name_offset_ = big_endian_at(at_ + 8);
      text_ = at_ + 12;
      const std::uint64_t padded = (std::uint64_t{bytes_} + 3) & ~std::uint64_t{3};
      if (padded > left() - 12 || name_offset_ >= strings_bytes_) return damaged();
      at_ = text_ + padded;
      return DeviceTreeToken::Property;
    }
    if (token == kTokenBeginNode) {
      text_ = at_ + 4;
      const char* cell = text_;  // the name is followed by one to four zero bytes, up to a whole cell
      while (end_ - cell >= 4 && !has_zero_byte(big_endian_at(cell))) cell += 4;
      if (end_ - cell < 4) return damaged();
      at_ = cell + 4;
      while (*cell != 0) ++cell;
      bytes_ = static_cast<std::uint32_t>(cell - text_);
      ++depth_;
      return DeviceTreeToken::BeginNode;
    }
    if (token == kTokenEnd) {
      if (depth_ != 0) return damaged();
      return DeviceTreeToken::End;
    }
    at_ += 4;
    if (token == kTokenEndNode) {
      if (depth_ == 0) return damaged();
      leaving_ = true;
      return DeviceTreeToken::EndNode;
    }
    if (token != kTokenNothing) return damaged();
  }
}

DeviceTreeToken DeviceTreeCursor::skip_to_end_of(std::uint32_t depth) {
  if (leaving_) --depth_;
  leaving_ = false;
  // As next(), without looking at what is passed over.
  while (left() >= 4 && depth_ >= depth) {
    const std::uint32_t token = big_endian_at(at_);
    if (token == kTokenProperty) {
      if (left() < 12) return damaged();
      const std::uint64_t padded = (std::uint64_t{big_endian_at(at_ + 4)} + 3) & ~std::uint64_t{3};
      if (padded > left() - 12) return damaged();
      at_ += 12 + padded;
    } else if (token == kTokenEndNode) {
      at_ += 4;
      if (depth_ == depth) {
        leaving_ = true;
        return DeviceTreeToken::EndNode;
      }
      --depth_;
    } else if (token == kTokenNothing) {
      at_ += 4;
    } else if (next() != DeviceTreeToken::BeginNode) {
      return damaged();
    }
  }
  return damaged();
}

}  // namespace boot
