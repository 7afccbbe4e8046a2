// SPDX-License-Identifier: Apache-2.0
//
// Reading a flattened device tree (Devicetree Specification 0.4, chapter 5) in one pass, without trusting it:
// DeviceTree is a blob whose header was checked; DeviceTreeCursor steps over its tokens, and every step stays inside
// the blocks that the header named. No recursion, no tables of pointers, aligned loads only: usable with the MMU off
// (boot/start_words.cpp). Why not libfdt alone: docs/decisions/0012.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "kernel/base/result.hpp"

namespace boot {

inline constexpr std::uint32_t kDeviceTreeMagic = 0xd00dfeed;
/// Bytes that must be readable to learn how long a tree is.
inline constexpr std::uint32_t kDeviceTreeHeaderBytes = 40;
/// No tree is longer (libfdt's offsets are int; the loaders of both boards stay far below).
inline constexpr std::uint32_t kDeviceTreeBytesMaximum = 16u << 20;

/// What is wrong with a header; a sentence for each is in device_tree_defect_text.
enum class DeviceTreeDefect : std::uint8_t { None, Misaligned, BadMagic, BadVersion, BadSize, BadBlock };
const char* device_tree_defect_text(DeviceTreeDefect defect);

/// Value of a property: bytes in the blob, read as big-endian cells, strings or string lists.
class PropertyValue {
 public:
  constexpr PropertyValue() = default;
  constexpr PropertyValue(const char* start, std::uint32_t bytes) : start_(start), bytes_(bytes) {}

  constexpr bool present() const { return start_ != nullptr; }
  constexpr std::uint32_t bytes() const { return bytes_; }
  constexpr std::uint32_t cell_count() const { return bytes_ / 4; }
  constexpr const char* data() const { return start_; }
  /// 0 beyond the end.
  std::uint32_t cell(std::uint32_t index) const;
  /// `cells` (0 to 2) cells from `index` as one number; 0 beyond the end.
  std::uint64_t number(std::uint32_t index, std::uint32_t cells) const;
  /// First string without its NUL (or all bytes if there is none).
  std::string_view text() const;

 private:
  const char* start_ = nullptr;
  std::uint32_t bytes_ = 0;
};

/// The strings of a string-list property, split once, so that each question is a comparison of lengths first. More than
/// kMaximum strings are cut off: the first ones are the specific ones.
class StringList {
 public:
  explicit StringList(PropertyValue value);
  bool contains(std::string_view wanted) const;

 private:
  static constexpr std::uint32_t kMaximum = 6;
  std::string_view entry_[kMaximum];
  std::uint32_t count_ = 0;
};

/// A blob whose header is consistent: every block lies inside total_bytes().
class DeviceTree {
 public:
  constexpr DeviceTree() = default;
  /// Reads kDeviceTreeHeaderBytes at `blob` (8-byte aligned). The blocks are not touched.
  static DeviceTreeDefect check(const void* blob, DeviceTree& tree);
  /// The magic number and length at `blob`, for a tree that is not mapped in whole yet.
  static std::uint32_t magic_at(const void* blob);
  static std::uint32_t total_bytes_at(const void* blob);

  const char* start() const { return blob_; }
  std::uint32_t total_bytes() const { return total_; }

  /// Entries of the memory reservation block up to the terminator; false when there is none left.
  bool reservation(std::uint32_t index, std::uint64_t& address, std::uint64_t& bytes) const;

 private:
  friend class DeviceTreeCursor;
  const char* blob_ = nullptr;
  std::uint32_t total_ = 0;
  std::uint32_t reservations_ = 0;
  std::uint32_t structure_ = 0;
  std::uint32_t structure_bytes_ = 0;
  std::uint32_t strings_ = 0;
  std::uint32_t strings_bytes_ = 0;
};

/// Damaged: the structure block ends early, a length leads outside, or nodes do not nest. Damaged and End repeat.
enum class DeviceTreeToken : std::uint8_t { BeginNode, EndNode, Property, End, Damaged };

class DeviceTreeCursor {
 public:
  explicit DeviceTreeCursor(const DeviceTree& tree)
      : at_(tree.blob_ + tree.structure_),
        end_(at_ + tree.structure_bytes_),
        strings_(tree.blob_ + tree.strings_),
        strings_bytes_(tree.strings_bytes_) {}
  DeviceTreeToken next();
  /// From anywhere inside of a node at `depth`: passes over the rest of it. EndNode of that node, or Damaged.
  DeviceTreeToken skip_to_end_of(std::uint32_t depth);

  /// Depth of the node that the last token belongs to: the root is 1. Of an EndNode: the node that ended.
  std::uint32_t depth() const { return depth_; }
  /// After BeginNode.
  std::string_view node_name() const { return std::string_view(text_, bytes_); }
  /// After Property. The comparison stays inside the strings block.
  bool property_is(std::string_view wanted) const {
    const char* name = strings_ + name_offset_;
    return name[0] == wanted[0] && wanted.size() < strings_bytes_ - name_offset_ && name[wanted.size()] == 0 &&
           std::string_view(name, wanted.size()) == wanted;
  }
  /// Where the property's name lies in the strings block: equal places are equal names.
  std::uint32_t name_offset() const { return name_offset_; }
  char property_initial() const { return strings_[name_offset_]; }
  PropertyValue value() const { return PropertyValue(text_, bytes_); }

 private:
  DeviceTreeToken damaged();
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }

  const char* at_;   ///< next token: a multiple of 4 from the block's start, never beyond end_
  const char* end_;  ///< of the structure block
  const char* strings_;
  std::uint32_t strings_bytes_;
  std::uint32_t depth_ = 0;
  std::uint32_t name_offset_ = 0;
  std::uint32_t bytes_ = 0;
  const char* text_ = nullptr;
  bool leaving_ = false;  ///< the last token was an EndNode: depth_ falls with the next one
};

}  // namespace boot
