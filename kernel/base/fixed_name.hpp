// SPDX-License-Identifier: Apache-2.0
//
// FixedName: a name of up to 31 bytes, held by value, so that nothing keeps a pointer into a loader's text.
#pragma once

#include <cstddef>
#include <string_view>

namespace base {

class FixedName {
 public:
  static constexpr std::size_t kLengthMaximum = 31;
  constexpr FixedName() = default;
  /// Longer text is cut; whoever must not lose anything checks the length before.
  constexpr explicit FixedName(std::string_view text) {
    length_ = static_cast<unsigned char>(text.size() < kLengthMaximum ? text.size() : kLengthMaximum);
    for (std::size_t i = 0; i < length_; ++i) text_[i] = text[i];
  }
  constexpr std::string_view view() const { return std::string_view(text_, length_); }
  constexpr bool operator==(const FixedName& other) const { return view() == other.view(); }

 private:
  char text_[kLengthMaximum] = {};
  unsigned char length_ = 0;
};

static_assert(sizeof(FixedName) == 32);

}  // namespace base
