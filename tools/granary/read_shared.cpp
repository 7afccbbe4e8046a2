// SPDX-License-Identifier: Apache-2.0
//
// Reading what several silos share and may come to know of one another: AsyncChans, notifications, semaphores, regions,
// published names, flow rules (docs/manifest.md).
#include "tools/granary/read_shared.hpp"

#include <algorithm>

#include "tools/granary/text.hpp"

namespace tool {
namespace {

using abi::ObjectType;
using abi::Right;

constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }
constexpr std::uint64_t kLargestInteger = (std::uint64_t{1} << 63) - 1;
constexpr const char* kConnectorRights =
    "what connecting gives is send and call, never receive or transfer; for other rights name the silo in `clients` of "
    "[port.NAME]";

/// What a role of a kind of object is called and gives.
struct Role {
  const char* key;
  std::uint64_t rights;
  bool is_badged;  ///< its users are told apart by badges
};

struct Kind {
  ObjectType type;
  const char* key;
  Role roles[2];
};

const Kind kKinds[] = {
    {ObjectType::AsyncChannel,
     "async",
     {{"send", bit(Right::AsyncSend), true}, {"receive", bit(Right::AsyncReceive), false}}},
    {ObjectType::Notification,
     "notification",
     {{"signal", bit(Right::NotificationSignal), true}, {"wait", bit(Right::NotificationWait), false}}},
    {ObjectType::Semaphore,
     "semaphore",
     {{"post", bit(Right::SemaphorePost), false}, {"wait", bit(Right::SemaphoreWait), false}}},
    {ObjectType::Region,
     "region",
     {{"write", bit(Right::RegionWrite) | bit(Right::RegionRead), false}, {"read", bit(Right::RegionRead), false}}},
};

SharedObject::User& user_of(SharedObject& object, const Reference& silo) {
  const auto found = std::find_if(object.users.begin(), object.users.end(),
                                  [&](const SharedObject::User& user) { return user.silo.name == silo.name; });
  if (found != object.users.end()) return *found;
  object.users.push_back({silo, 0, 0});
  return object.users.back();
}

/// Senders to an AsyncChan have numbers from 1; signallers of a notification a bit each, from bit 0.
std::uint64_t badge_at(ObjectType type, std::size_t place) {
  return type == ObjectType::Notification ? std::uint64_t{1} << (place % 64) : place + 1;
}

void read_role(SharedObject& object, const Role& role, TomlTable& table) {
  const std::string example = std::string(role.key) + " = [\"a\"]";
  const auto silos = table.strings(role.key, example);
  if (!silos) return;
  std::size_t place = 0;
  for (const Reference& silo : *silos) {
    SharedObject::User& user = user_of(object, silo);
    if ((user.rights & role.rights) == role.rights && user.silo.at.line != silo.at.line) continue;
    user.rights |= role.rights | bit(Right::Duplicate) | bit(Right::Grant);
    if (role.is_badged) user.badge = badge_at(object.type, place);
    ++place;
  }
  if (role.is_badged && object.type == ObjectType::Notification && place > 64)
    table.diagnostics().error(table.at(role.key), table.what() + " has more signallers than a notification has bits",
                              "at most 64; let some share a bit by signalling from one silo");
}

/// Users that may learn where the region is in physical memory.
void read_dma(SharedObject& region, TomlTable& table) {
  for (const Reference& silo : table.strings("dma", "dma = [\"block\"]").value_or(std::vector<Reference>{})) {
    const auto found = std::find_if(region.users.begin(), region.users.end(),
                                    [&](const SharedObject::User& user) { return user.silo.name == silo.name; });
    if (found == region.users.end()) {
      table.diagnostics().error(
          silo.at, "`dma` of " + table.what() + " names `" + silo.name + "`, which neither writes nor reads it",
          "name that silo in `write` or `read` as well");
      continue;
    }
    found->rights |= bit(Right::RegionPhysical);
  }
}

std::uint64_t read_amount(ObjectType type, TomlTable& table) {
  switch (type) {
    case ObjectType::AsyncChannel: return table.integer("capacity", 1, abi::kAsyncCapacityMaximum).value_or(16);
    case ObjectType::Semaphore: return table.integer("initial", 0, 0x7fffffff).value_or(0);
    case ObjectType::Region:
      if (!table.has("size"))
        table.diagnostics().error(table.at(), table.what() + " has no `size`",
                                  "say how large it is: size = \"64 KiB\"");
      return table.size("size", kPageBytes, kMaximumRegionBytes).value_or(kPageBytes) / kPageBytes;
    case ObjectType::Notification:
    case ObjectType::None:
    case ObjectType::Port:
    case ObjectType::Channel:
    case ObjectType::Console:
    case ObjectType::Silo:
    case ObjectType::System:
    case ObjectType::Timer:
    case ObjectType::Audit:
    case ObjectType::Trace:
    case ObjectType::Interrupt: break;
  }
  return 0;
}

PublishedName read_name(const std::string& name, TomlTable& table) {
  PublishedName published{.name = name, .publisher = {{}, table.at("publisher")}, .at = table.at()};
  table.explain("rights", kConnectorRights);
  published.publisher.name = table.string("publisher", "publisher = \"server\"").value_or("");
  if (!table.has("publisher"))
    table.diagnostics().error(table.at(), table.what() + " has no `publisher`",
                              "name the silo that may publish a port under it: publisher = \"server\"");
  published.messages = read_contract(table, true);
  if (!table.is_table("connectors")) {
    std::uint64_t place = 0;
    for (const Reference& silo : table.strings("connectors", "connectors = [\"a\"]").value_or(std::vector<Reference>{}))
      published.connectors.push_back({silo, 0, ++place});
    return published;
  }
  table.tables("connectors", "connector", " of " + table.what(), [&](const std::string& silo, TomlTable& entry) {
    Client client{.silo = {silo, entry.at()}};
    entry.explain("rights", kConnectorRights);
    client.badge = entry.integer("badge", 1, kLargestInteger).value_or(published.connectors.size() + 1);
    published.connectors.push_back(client);
  });
  return published;
}

/// "a -> b", or "a <-> b" for both ways.
void read_flow(const Reference& text, std::vector<Flow>& flows, Diagnostics& diagnostics) {
  const auto trimmed = [](std::string word) {
    word.erase(0, word.find_first_not_of(' '));
    word.erase(word.find_last_not_of(' ') + 1);
    return word;
  };
  const bool both = text.name.find("<->") != std::string::npos;
  const std::string arrow = both ? "<->" : "->";
  const std::size_t at = text.name.find(arrow);
  if (at == std::string::npos || text.name.find("->", at + arrow.size()) != std::string::npos) {
    diagnostics.error(text.at, "the flow `" + text.name + "` does not say who may reach whom",
                      "write \"sensor -> controller\", or \"a <-> b\" for both ways");
    return;
  }
  const Reference from{trimmed(text.name.substr(0, at)), text.at};
  const Reference to{trimmed(text.name.substr(at + arrow.size())), text.at};
  flows.push_back({from, to});
  if (both) flows.push_back({to, from});
}

}  // namespace

void read_shared(Manifest& manifest, TomlTable& root) {
  for (const Kind& kind : kKinds) {
    root.tables(kind.key, kind.key, "", [&](const std::string& name, TomlTable& table) {
      SharedObject object{.name = name, .type = kind.type, .at = table.at()};
      object.amount = read_amount(kind.type, table);
      for (const Role& role : kind.roles) read_role(object, role, table);
      if (kind.type == ObjectType::Region) read_dma(object, table);
      if (kind.type == ObjectType::AsyncChannel) object.messages = read_contract(table, false);
      manifest.shared.push_back(object);
    });
  }
  root.tables("name", "name", "",
              [&](const std::string& name, TomlTable& table) { manifest.published.push_back(read_name(name, table)); });
  root.table("flow", "the flow rules", [&](TomlTable& table) {
    manifest.flows.emplace();
    for (const Reference& text : table.strings("allow", "allow = [\"a -> b\"]").value_or(std::vector<Reference>{}))
      read_flow(text, *manifest.flows, table.diagnostics());
  });
}

std::uint32_t read_label(TomlTable& silo) {
  std::uint32_t label = 0;
  silo.table("label", "the label of " + silo.what(), [&](TomlTable& table) {
    const auto word = [&](const char* key, const char* example,
                          std::initializer_list<const char*> words) -> std::uint32_t {
      const auto text = table.string(key, example);
      if (!text) return 0;
      const auto* const found = std::find(words.begin(), words.end(), *text);
      if (found != words.end()) return static_cast<std::uint32_t>(found - words.begin());
      std::string all;
      for (const char* known : words) all += (all.empty() ? "" : ", ") + std::string(known);
      table.diagnostics().error(table.at(key), "`" + *text + "` is no " + std::string(key) + " of a label",
                                "one of " + all);
      return 0;
    };
    label = word("tier", "tier = \"user\"", {"critical", "system", "user"});
    label |= word("family", "family = \"driver\"", {"system", "driver", "filesystem", "network", "wasm", "user"}) << 8;
    label |= static_cast<std::uint32_t>(table.integer("compartment", 0, 65535).value_or(0)) << 16;
  });
  return label;
}

}  // namespace tool
