// SPDX-License-Identifier: Apache-2.0
//
// Which properties each kind of node has (the format is described in docs/system_image.md), and how they become
// structs.
#include "boot/image_nodes.hpp"

namespace boot {

namespace {

using Shape = PropertyShape;

/// A text property that is a name: short and printable, so that it can stand in a console line.
bool is_name(std::string_view text) {
  if (text.size() > abi::kNameLengthMaximum) return false;
  for (const char character : text) {
    if (character < 0x20 || character > 0x7e) return false;
  }
  return true;
}

constexpr const char* kBadName = "a name is longer than 31 characters or not printable";

}  // namespace

const char* read(ImageReader& reader, RootNode& node) {
  static constexpr ExpectedProperty kExpected[] = {{"compatible", Shape::Text, true},
                                                   {"abi-version", Shape::Word, true},
                                                   {"system", Shape::Text, true},
                                                   {"image-size", Shape::Word, true},
                                                   {"crc32", Shape::Word, true}};
  PropertyValue values[std::size(kExpected)];
  if (const char* defect = reader.take_properties(kExpected, values)) return defect;
  node.compatible = values[0].text();
  node.abi_version = values[1].cell(0);
  node.system = values[2].text();
  node.image_bytes = values[3].cell(0);
  node.checksum = values[4].cell(0);
  node.checksum_place = values[4].data();
  return is_name(node.system) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, ObjectNode& node) {
  static constexpr ExpectedProperty kExpected[] = {{"type", Shape::Text, true},
                                                   {"name", Shape::Text, true},
                                                   {"owner", Shape::Word, false},
                                                   {"capacity", Shape::Word, false},
                                                   {"lanes", Shape::Word, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[1].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.is_channel = values[0].text() == "channel";
  if (!node.is_channel && values[0].text() != "port") return "its type is neither port nor channel";
  if (node.is_channel ? !values[3].present() || !values[4].present() : !values[2].present())
    return "a property is missing";
  node.owner = values[2].cell(0);
  node.capacity = values[3].cell(0);
  node.lanes = values[4].cell(0);
  if (node.lanes > 3 || (node.is_channel && node.lanes == 0)) return "its lanes are not 1, 2 or 3";
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, SiloNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},
      {"argument", Shape::Wide, true},
      {"capability-slots", Shape::Word, true},
#define QUOTA(name, key, text) {"quota-" key, Shape::Word, false},
#include "ipc/abi/quotas.def"
#undef QUOTA
  };
  constexpr unsigned kFirstQuota = 3;
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.argument = values[1].number(0, 2);
  node.capability_slots = values[2].cell(0);
  for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind) {
    node.quotas.limit[kind] = values[kFirstQuota + kind].present() ? values[kFirstQuota + kind].cell(0) : 0;
  }
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, RegionNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},   {"address", Shape::Wide, true},        {"size", Shape::Wide, true},
      {"access", Shape::Word, true}, {"data-position", Shape::Word, false}, {"data-size", Shape::Word, false},
      {"crc32", Shape::Word, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.address = values[1].number(0, 2);
  node.size = values[2].number(0, 2);
  node.access = values[3].cell(0);
  node.has_data = values[4].present();
  if (values[5].present() != node.has_data || values[6].present() != node.has_data) return "a property is missing";
  node.data_position = values[4].cell(0);
  node.data_size = values[5].cell(0);
  node.checksum = values[6].cell(0);
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, ThreadNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},     {"entry", Shape::Wide, true}, {"stack-pointer", Shape::Wide, true},
      {"priority", Shape::Word, true}, {"core", Shape::Word, true},  {"argument", Shape::Wide, true}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.entry = values[1].number(0, 2);
  node.stack_pointer = values[2].number(0, 2);
  node.priority = values[3].cell(0);
  node.core = values[4].cell(0);
  node.argument = values[5].number(0, 2);
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, CapabilityNode& node) {
  static constexpr ExpectedProperty kExpected[] = {{"slot", Shape::Word, true}, {"name", Shape::Text, true},
                                                   {"type", Shape::Text, true}, {"object", Shape::Word, true},
                                                   {"end", Shape::Word, true},  {"rights", Shape::Wide, true},
                                                   {"badge", Shape::Wide, true}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[1].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.slot = values[0].cell(0);
  const std::string_view type = values[2].text();
  if (type == "port") node.type = abi::ObjectType::Port;
  if (type == "channel") node.type = abi::ObjectType::Channel;
  if (type == "console") node.type = abi::ObjectType::Console;
  if (type == "silo") node.type = abi::ObjectType::Silo;
  if (type == "system") node.type = abi::ObjectType::System;
  if (type == "async") node.type = abi::ObjectType::AsyncChannel;
  if (type == "notification") node.type = abi::ObjectType::Notification;
  if (type == "semaphore") node.type = abi::ObjectType::Semaphore;
  if (type == "region") node.type = abi::ObjectType::Region;
  if (type == "audit") node.type = abi::ObjectType::Audit;
  if (type == "trace") node.type = abi::ObjectType::Trace;
  if (node.type == abi::ObjectType::None) return "its type is unknown";
  node.object = values[3].cell(0);
  node.end = values[4].cell(0);
  node.rights = values[5].number(0, 2);
  node.badge = values[6].number(0, 2);
  return is_name(node.name) ? nullptr : kBadName;
}

}  // namespace boot
