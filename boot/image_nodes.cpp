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

abi::ObjectType type_of(std::string_view text) {
  struct Word {
    std::string_view text;
    abi::ObjectType type;
  };
  static constexpr Word kWords[] = {{"port", abi::ObjectType::Port},
                                    {"channel", abi::ObjectType::Channel},
                                    {"console", abi::ObjectType::Console},
                                    {"silo", abi::ObjectType::Silo},
                                    {"system", abi::ObjectType::System},
                                    {"async", abi::ObjectType::AsyncChannel},
                                    {"notification", abi::ObjectType::Notification},
                                    {"semaphore", abi::ObjectType::Semaphore},
                                    {"region", abi::ObjectType::Region},
                                    {"interrupt", abi::ObjectType::Interrupt},
                                    {"audit", abi::ObjectType::Audit},
                                    {"trace", abi::ObjectType::Trace}};
  for (const Word& word : kWords) {
    if (word.text == text) return word.type;
  }
  return abi::ObjectType::None;
}

/// As PlaceNode has them: for any board, virt, raspi4b.
void take_place(std::span<const PropertyValue, 2 * PlaceNode::kBoards> values, PlaceNode& place) {
  for (unsigned board = 0; board < PlaceNode::kBoards; ++board) {
    place.path[board] = values[board].text();
    place.has_index[board] = values[PlaceNode::kBoards + board].present();
    place.index[board] = values[PlaceNode::kBoards + board].cell(0);
  }
}

constexpr const char* kMissing = "a property is missing";
constexpr const char* kBadName = "a name is longer than 31 characters or not printable";

}  // namespace

const char* read(ImageReader& reader, RootNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"compatible", Shape::Text, true}, {"abi-version", Shape::Word, true}, {"system", Shape::Text, true},
      {"image-size", Shape::Word, true}, {"crc32", Shape::Word, true},       {"fold-cores", Shape::Word, false}};
  PropertyValue values[std::size(kExpected)];
  if (const char* defect = reader.take_properties(kExpected, values)) return defect;
  node.compatible = values[0].text();
  node.abi_version = values[1].cell(0);
  node.system = values[2].text();
  node.image_bytes = values[3].cell(0);
  node.checksum = values[4].cell(0);
  node.checksum_place = values[4].data();
  node.folds_cores = values[5].cell(0) != 0;
  return is_name(node.system) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, ObjectNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"type", Shape::Text, true},        {"name", Shape::Text, true},           {"owner", Shape::Word, false},
      {"capacity", Shape::Word, false},   {"lanes", Shape::Word, false},         {"amount", Shape::Word, false},
      {"rate", Shape::Word, false},       {"burst", Shape::Word, false},         {"path", Shape::Text, false},
      {"path-virt", Shape::Text, false},  {"path-raspi4b", Shape::Text, false},  {"index", Shape::Word, false},
      {"index-virt", Shape::Word, false}, {"index-raspi4b", Shape::Word, false}, {"redelivers", Shape::Word, false},
      {"contract", Shape::Wide, false}};
  constexpr unsigned kRate = 6, kPlace = 8, kRedelivers = 14, kContract = 15;
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[1].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.type = type_of(values[0].text());
  switch (node.type) {
    case abi::ObjectType::Port:
      if (!values[2].present()) return kMissing;
      break;
    case abi::ObjectType::Channel:
      if (!values[3].present() || !values[4].present()) return kMissing;
      break;
    case abi::ObjectType::AsyncChannel:
    case abi::ObjectType::Semaphore:
    case abi::ObjectType::Region:
      if (!values[5].present()) return kMissing;
      break;
    case abi::ObjectType::Notification: break;
    case abi::ObjectType::Interrupt:
      if (!values[2].present() || !values[kRate].present() || !values[kRate + 1].present()) return kMissing;
      break;
    case abi::ObjectType::None:
    case abi::ObjectType::Console:
    case abi::ObjectType::Silo:
    case abi::ObjectType::System:
    case abi::ObjectType::Timer:
    case abi::ObjectType::Audit:
    case abi::ObjectType::Trace: return "its type is none of an object of the manifest";
  }
  node.owner = values[2].cell(0);
  node.capacity = values[3].cell(0);
  node.lanes = values[4].cell(0);
  node.amount = values[5].cell(0);
  node.rate = values[kRate].cell(0);
  node.burst = values[kRate + 1].cell(0);
  node.redelivers = values[kRedelivers].present() && values[kRedelivers].cell(0) != 0;
  node.contract = values[kContract].present() ? values[kContract].number(0, 2) : 0;
  take_place(std::span(values).subspan<kPlace, 2 * PlaceNode::kBoards>(), node.place);
  const bool is_channel = node.type == abi::ObjectType::Channel;
  if (node.lanes > 3 || (is_channel && node.lanes == 0)) return "its lanes are not 1, 2 or 3";
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, SiloNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},
      {"argument", Shape::Wide, true},
      {"capability-slots", Shape::Word, true},
      {"label", Shape::Word, false},
      {"reach-low", Shape::Wide, false},
      {"reach-high", Shape::Wide, false},
      {"rate-messages", Shape::Word, false},
      {"rate-bytes", Shape::Word, false},
      {"rate-burst", Shape::Word, false},
      {"partition", Shape::Word, false},
      {"restart", Shape::Word, false},
      {"restart-limit", Shape::Word, false},
      {"restart-period", Shape::Word, false},
      {"restart-backoff", Shape::Word, false},
      {"restart-then", Shape::Word, false},
      {"restart-group", Shape::Word, false},
      {"watchdog", Shape::Word, false},
#define QUOTA(name, key, text) {"quota-" key, Shape::Word, false},
#include "ipc/abi/quotas.def"
#undef QUOTA
  };
  constexpr unsigned kLabel = 3, kReach = 4, kRate = 6, kPartition = 9, kRestart = 10, kWatchdog = 16, kFirstQuota = 17;
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.argument = values[1].number(0, 2);
  node.capability_slots = values[2].cell(0);
  const auto optional = [&](unsigned place) { return values[place].present() ? values[place].cell(0) : 0; };
  node.label = optional(kLabel);
  for (unsigned half = 0; half < 2; ++half) {
    if (values[kReach + half].present()) node.reach[half] = values[kReach + half].number(0, 2);
  }
  node.rate_messages = optional(kRate);
  node.rate_bytes = optional(kRate + 1);
  node.rate_burst = optional(kRate + 2);
  node.partition = optional(kPartition);
  node.restart = optional(kRestart);
  node.restart_limit = optional(kRestart + 1);
  node.restart_period = optional(kRestart + 2);
  node.restart_backoff = optional(kRestart + 3);
  node.restart_then = optional(kRestart + 4);
  node.restart_group = optional(kRestart + 5);
  if (node.restart > static_cast<std::uint32_t>(abi::RestartMode::Supervised) ||
      node.restart_then > static_cast<std::uint32_t>(abi::SafeState::ResetBoard) ||
      node.restart_group > abi::kRestartGroupsMaximum)
    return "its restart makes no sense";
  node.watchdog = optional(kWatchdog);
  for (unsigned kind = 0; kind < abi::kQuotaKinds; ++kind) node.quotas.limit[kind] = optional(kFirstQuota + kind);
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, RegionNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},   {"address", Shape::Wide, true},        {"size", Shape::Wide, true},
      {"access", Shape::Word, true}, {"data-position", Shape::Word, false}, {"data-size", Shape::Word, false},
      {"crc32", Shape::Word, false}, {"room", Shape::Wide, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.address = values[1].number(0, 2);
  node.size = values[2].number(0, 2);
  node.room = values[7].present() ? values[7].number(0, 2) : 0;
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
      {"name", Shape::Text, true},     {"entry", Shape::Wide, true},   {"stack-pointer", Shape::Wide, true},
      {"priority", Shape::Word, true}, {"core", Shape::Word, true},    {"argument", Shape::Wide, true},
      {"budget", Shape::Word, false},  {"period", Shape::Word, false}, {"overrun", Shape::Word, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.entry = values[1].number(0, 2);
  node.stack_pointer = values[2].number(0, 2);
  node.priority = values[3].cell(0);
  node.core = values[4].cell(0);
  node.argument = values[5].number(0, 2);
  if (values[7].present() != values[6].present() || values[8].present() != values[6].present()) return kMissing;
  if (values[6].present()) {
    node.budget = values[6].cell(0);
    node.period = values[7].cell(0);
    node.overrun = values[8].cell(0);
    if (node.budget == 0) return "its budget is 0";
  }
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, ImageNode& node) {
  static constexpr ExpectedProperty kExpected[] = {{"name", Shape::Text, true}};
  PropertyValue values[std::size(kExpected)];
  if (const char* const defect = reader.take_properties(kExpected, values)) return defect;
  node.name = values[0].text();
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, GivenDeviceNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},   {"address", Shape::Wide, true},     {"size", Shape::Wide, true},
      {"path", Shape::Text, false},  {"path-virt", Shape::Text, false},  {"path-raspi4b", Shape::Text, false},
      {"index", Shape::Word, false}, {"index-virt", Shape::Word, false}, {"index-raspi4b", Shape::Word, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.address = values[1].number(0, 2);
  node.size = values[2].number(0, 2);
  take_place(std::span(values).subspan<3>(), node.place);
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, CapabilityNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"slot", Shape::Word, true},        {"name", Shape::Text, true},        {"type", Shape::Text, true},
      {"object", Shape::Word, true},      {"end", Shape::Word, true},         {"rights", Shape::Wide, true},
      {"badge", Shape::Wide, true},       {"deadline", Shape::Word, false},   {"contract", Shape::Wide, false},
      {"contract-1", Shape::Wide, false}, {"contract-2", Shape::Wide, false}, {"contract-3", Shape::Wide, false},
      {"contract-4", Shape::Wide, false}, {"contract-5", Shape::Wide, false}, {"contract-6", Shape::Wide, false},
      {"contract-7", Shape::Wide, false}};
  constexpr unsigned kContract = 8;
  static_assert(std::size(kExpected) == kContract + abi::kImagesPerSiloMaximum);
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[1].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.slot = values[0].cell(0);
  node.type = type_of(values[2].text());
  if (node.type == abi::ObjectType::None) return "its type is unknown";
  node.object = values[3].cell(0);
  node.end = values[4].cell(0);
  node.rights = values[5].number(0, 2);
  node.badge = values[6].number(0, 2);
  node.deadline = values[7].present() ? values[7].cell(0) : 0;
  for (unsigned image = 0; image < abi::kImagesPerSiloMaximum; ++image) {
    const PropertyValue spoken = values[kContract + image];
    node.contract[image] = spoken.present() ? spoken.number(0, 2) : 0;
  }
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, NameNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"name", Shape::Text, true},  {"silo", Shape::Word, true},      {"connects", Shape::Word, true},
      {"badge", Shape::Wide, true}, {"contract", Shape::Wide, false}, {"program-contract", Shape::Wide, false}};
  PropertyValue values[std::size(kExpected)];
  const char* const defect = reader.take_properties(kExpected, values);
  node.name = values[0].text();  // even if something else is wrong, so that the sentence can say whose
  if (defect != nullptr) return defect;
  node.silo = values[1].cell(0);
  node.connects = values[2].cell(0) != 0;
  node.badge = values[3].number(0, 2);
  node.contract = values[4].present() ? values[4].number(0, 2) : 0;
  node.program_contract = values[5].present() ? values[5].number(0, 2) : 0;
  return is_name(node.name) ? nullptr : kBadName;
}

const char* read(ImageReader& reader, WindowNode& node) {
  static constexpr ExpectedProperty kExpected[] = {
      {"core", Shape::Word, true}, {"length", Shape::Word, true}, {"partition", Shape::Word, true}};
  PropertyValue values[std::size(kExpected)];
  if (const char* const defect = reader.take_properties(kExpected, values)) return defect;
  node.core = values[0].cell(0);
  node.length = values[1].cell(0);
  node.partition = values[2].cell(0);
  return nullptr;
}

}  // namespace boot
