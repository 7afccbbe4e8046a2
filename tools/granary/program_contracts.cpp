// SPDX-License-Identifier: Apache-2.0
//
// Writing, reading and judging contract records (program_contracts.hpp). What an ELF file says is input: a record that
// cannot be read is a refusal, and what is printed of it is cut to a line.
#include "tools/granary/program_contracts.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

#include "tools/granary/capabilities.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

constexpr const char* kMark = "granary-contract-1";
constexpr const char* kRebuild =
    "build the program again, with the headers that `granary header` makes of this manifest";
constexpr std::size_t kShown = 200;  ///< characters of a contract in a sentence

std::string what_of(const std::string& kind, const std::string& name) { return kind + " " + ticked(name); }

bool parse(const std::string& line, ContractRecord& record) {
  std::istringstream words(line);
  std::string mark, hash;
  if (!(words >> mark >> record.kind >> record.name >> record.role >> hash) || mark != kMark) return false;
  std::getline(words >> std::ws, record.text);
  const char* const end = hash.data() + hash.size();
  if (!hash.starts_with("0x")) return false;
  const auto [rest, failure] = std::from_chars(hash.data() + 2, end, record.hash, 16);
  return failure == std::errc{} && rest == end && contract_hash_of(record.text) == record.hash;
}

/// The messages of a contract's text, by name.
std::map<std::string, std::string> messages_of(const std::string& text) {
  std::map<std::string, std::string> messages;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ';');) messages[part.substr(0, part.find('='))] = part;
  return messages;
}

std::string shown(const std::string& text) { return text.size() <= kShown ? text : text.substr(0, kShown) + "..."; }

/// "message `open` is open=1(u8 percent@0) in the program and open=1(u16 percent@0) in the manifest"
std::string difference(const std::string& program, const std::string& manifest) {
  const auto theirs = messages_of(program), ours = messages_of(manifest);
  for (const auto& [name, text] : ours) {
    const auto found = theirs.find(name);
    if (found == theirs.end()) return "the program does not know the message " + ticked(name);
    if (found->second != text)
      return "message " + ticked(name) + " is " + shown(found->second) + " in the program and " + shown(text) +
             " in the manifest";
  }
  for (const auto& [name, text] : theirs)
    if (!ours.contains(name)) return "the manifest does not know its message " + ticked(name);
  return "its messages come in another order";
}

/// Which of the two files is older, if that can be told.
std::string age(const Location& program, const Manifest& manifest) {
  std::error_code one, other;
  const auto built = std::filesystem::last_write_time(program.file, one);
  const auto written = std::filesystem::last_write_time(manifest.file, other);
  if (one || other) return "";
  return built < written ? "; the program is the older of the two" : "; the manifest is the older of the two";
}

}  // namespace

std::vector<ContractUse> contracts_of(const Manifest& manifest, const Silo& silo) {
  using abi::Right;
  const auto has = [](const Capability& capability, Right right) {
    return (capability.rights & static_cast<std::uint64_t>(right)) != 0;
  };
  std::vector<ContractUse> found;
  for (const Capability& capability : capabilities_of(manifest, silo)) {
    const auto role = [&](Right send, Right receive) {
      const bool sends = has(capability, send), receives = has(capability, receive);
      return sends && receives ? "both" : sends ? "sender" : "receiver";
    };
    const auto consider = [&](const char* kind, const std::string& its_role, const auto& objects) {
      for (const auto& object : objects)
        if (object.object == capability.object && object.name == capability.name && !object.messages.empty())
          found.push_back({kind, object.name, its_role, &object.messages});
    };
    if (capability.type == abi::ObjectType::Port)
      consider("port", has(capability, Right::PortReceive) ? "server" : "client", manifest.ports);
    if (capability.type == abi::ObjectType::Channel)
      consider("channel", role(Right::ChannelSend, Right::ChannelReceive), manifest.channels);
    if (capability.type == abi::ObjectType::AsyncChannel)
      consider("async", role(Right::AsyncSend, Right::AsyncReceive), manifest.shared);
  }
  for (const PublishedName& name : manifest.published) {
    if (name.messages.empty()) continue;
    if (name.publisher.name == silo.name) found.push_back({"name", name.name, "publisher", &name.messages});
    for (const Client& client : name.connectors)
      if (client.silo.name == silo.name) found.push_back({"name", name.name, "connector", &name.messages});
  }
  return found;
}

std::string contract_record(const ContractUse& use) {
  return std::string(kMark) + " " + use.kind + " " + use.name + " " + use.role + " " +
         hexadecimal(contract_hash(*use.contract)) + " " + contract_text(*use.contract);
}

ProgramContracts check_contracts(const Manifest& manifest, const Silo& silo, const ElfFile& elf, const Location& where,
                                 Diagnostics& diagnostics) {
  ProgramContracts found;
  const std::vector<ContractUse> uses = contracts_of(manifest, silo);
  for (const std::string& line : elf.contracts) {
    ContractRecord record;
    if (!parse(line, record)) {
      diagnostics.error(where, "its record of a contract is damaged: " + shown(line), kRebuild);
      continue;
    }
    const std::string what = what_of(record.kind, record.name);
    const std::string key = record.kind + " " + record.name;
    const auto known = found.find(key);
    if (known != found.end() && known->second != record.hash) {
      diagnostics.error(where, "its source files were compiled with different contracts of " + what,
                        "compile all of them again");
      continue;
    }
    if (!found.emplace(key, record.hash).second) continue;  // of another file of the program
    const auto use = std::find_if(uses.begin(), uses.end(), [&](const ContractUse& candidate) {
      return candidate.kind == record.kind && candidate.name == record.name;
    });
    if (use == uses.end()) {
      diagnostics.error(where,
                        "it was built with a contract of " + what + ", which silo " + ticked(silo.name) +
                            " does not have with one in " + manifest.file.string(),
                        kRebuild);
    } else if (contract_hash(*use->contract) != record.hash) {
      diagnostics.error(where,
                        "it was built with another contract of " + what + " than " + manifest.file.string() +
                            " has: " + difference(record.text, contract_text(*use->contract)) + age(where, manifest),
                        kRebuild);
    } else if (use->role != record.role) {
      diagnostics.error(where,
                        "it was built as " + record.role + " of " + what + ", and " + manifest.file.string() +
                            " makes silo " + ticked(silo.name) + " its " + use->role,
                        kRebuild);
    }
  }
  return found;
}

}  // namespace tool
