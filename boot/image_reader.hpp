// SPDX-License-Identifier: Apache-2.0
//
// Reading the nodes of a system image strictly: a node is entered, its properties are taken against a list of what must
// and may be there, its children follow, it is left. A copy of a reader remembers a place. Properties and nodes that
// are not expected are passed over: a newer tool may say more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "boot/device_tree.hpp"

namespace boot {

/// What is wrong with a system image and where. text nullptr: nothing. Empty views are left out of the sentence.
struct ImageDefect {
  const char* text = nullptr;
  std::string_view silo;
  const char* kind = "";  ///< "region", "thread", "capability", "object"
  std::string_view name;
  bool has_numbers = false;
  std::uint64_t found = 0;
  std::uint64_t expected = 0;
  constexpr explicit operator bool() const { return text != nullptr; }
};

enum class PropertyShape : std::uint8_t { Word, Wide, Text };

struct ExpectedProperty {
  std::string_view name;
  PropertyShape shape;
  bool required;
};

class ImageReader {
 public:
  explicit ImageReader(const DeviceTree& tree) : cursor_(tree), token_(cursor_.next()) {}

  /// Enters the next child of the node entered last (at first: the root). False if there is none, or the tree is
  /// damaged.
  bool enter();
  /// Of the node entered last.
  std::string_view node_name() const { return node_name_; }
  /// Takes the properties of the node just entered (at most KnownNames::kMaximum are expected): values[i] is that of
  /// expected[i], not present() if it is optional and missing. The text of the result is a static sentence, nullptr if
  /// all is well.
  const char* take_properties(std::span<const ExpectedProperty> expected, std::span<PropertyValue> values);
  /// Leaves the node entered last, passing over what is left of it.
  void leave();
  bool damaged() const { return token_ == DeviceTreeToken::Damaged; }

 private:
  /// Where in the strings block the names of one list were found, so that a name is compared once and not for every
  /// node.
  struct KnownNames {
    static constexpr std::size_t kMaximum = 40;
    const ExpectedProperty* list = nullptr;
    std::uint32_t offset[kMaximum] = {};
  };
  static constexpr std::size_t kListsMaximum = 8;
  static constexpr std::uint32_t kUnknown = ~std::uint32_t{0};  ///< no strings block is that long
  KnownNames& names_of(std::span<const ExpectedProperty> expected);

  DeviceTreeCursor cursor_;
  DeviceTreeToken token_;
  std::uint32_t depth_ = 0;
  std::string_view node_name_;
  KnownNames known_[kListsMaximum];
};

}  // namespace boot
