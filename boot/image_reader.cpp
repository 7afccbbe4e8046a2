// SPDX-License-Identifier: Apache-2.0
//
// See image_reader.hpp. The tool writes properties in the order in which they are expected, so the search begins behind
// the last one found and mostly ends there.
#include "boot/image_reader.hpp"

namespace boot {

namespace {

const char* shape_defect(PropertyValue value, PropertyShape shape) {
  switch (shape) {
    case PropertyShape::Word: return value.bytes() == 4 ? nullptr : "a number has not 4 bytes";
    case PropertyShape::Wide: return value.bytes() == 8 ? nullptr : "a number has not 8 bytes";
    case PropertyShape::Text: {
      // One string with its NUL, nothing behind it.
      const std::size_t length = value.text().size();
      return length != 0 && length + 1 == value.bytes() ? nullptr : "a text is empty or not ended";
    }
  }
  return nullptr;
}

}  // namespace

bool ImageReader::enter() {
  while (token_ == DeviceTreeToken::Property) token_ = cursor_.next();
  if (token_ != DeviceTreeToken::BeginNode) return false;
  node_name_ = cursor_.node_name();
  ++depth_;
  token_ = cursor_.next();
  return true;
}

ImageReader::KnownNames& ImageReader::names_of(std::span<const ExpectedProperty> expected) {
  std::size_t index = 0;
  while (index + 1 < kListsMaximum && known_[index].list != nullptr && known_[index].list != expected.data()) ++index;
  KnownNames& names = known_[index];
  if (names.list != expected.data()) {
    names.list = expected.data();
    for (std::uint32_t& offset : names.offset) offset = kUnknown;
  }
  return names;
}

const char* ImageReader::take_properties(std::span<const ExpectedProperty> expected, std::span<PropertyValue> values) {
  if (expected.size() > KnownNames::kMaximum || values.size() < expected.size())
    return "more properties than can be read";
  KnownNames& names = names_of(expected);
  std::size_t next = 0;
  for (; token_ == DeviceTreeToken::Property; token_ = cursor_.next()) {
    std::size_t index = next;
    for (std::size_t probe = 0; probe < expected.size(); ++probe, ++index) {
      if (index >= expected.size()) index = 0;
      if (names.offset[index] != cursor_.name_offset()) {
        if (!cursor_.property_is(expected[index].name)) continue;
        names.offset[index] = cursor_.name_offset();
      }
      if (const char* defect = shape_defect(cursor_.value(), expected[index].shape)) return defect;
      values[index] = cursor_.value();
      next = index + 1;
      break;
    }
  }
  for (std::size_t index = 0; index < expected.size(); ++index) {
    if (expected[index].required && !values[index].present()) return "a property is missing";
  }
  return nullptr;
}

void ImageReader::leave() {
  if (token_ == DeviceTreeToken::BeginNode || token_ == DeviceTreeToken::Property ||
      (token_ == DeviceTreeToken::EndNode && cursor_.depth() != depth_)) {
    token_ = cursor_.skip_to_end_of(depth_);
  }
  --depth_;
  if (token_ == DeviceTreeToken::EndNode) token_ = cursor_.next();
}

}  // namespace boot
