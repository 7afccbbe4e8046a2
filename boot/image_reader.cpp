// SPDX-License-Identifier: Apache-2.0
//
// See image_reader.hpp. The tool writes properties in the order in which they are expected, so the search begins behind the last
// one found and mostly ends there.
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

const char* ImageReader::take_properties(std::span<const ExpectedProperty> expected, std::span<PropertyValue> values) {
  std::size_t next = 0;
  for (; token_ == DeviceTreeToken::Property; token_ = cursor_.next()) {
    for (std::size_t probe = 0; probe < expected.size(); ++probe) {
      std::size_t index = next + probe;
      if (index >= expected.size()) index -= expected.size();
      if (!cursor_.property_is(expected[index].name)) continue;
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
  while (token_ != DeviceTreeToken::Damaged && token_ != DeviceTreeToken::End &&
         !(token_ == DeviceTreeToken::EndNode && cursor_.depth() == depth_)) {
    token_ = cursor_.next();
  }
  --depth_;
  if (token_ == DeviceTreeToken::EndNode) token_ = cursor_.next();
}

}  // namespace boot
