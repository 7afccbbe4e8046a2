// SPDX-License-Identifier: Apache-2.0
//
// Typed contracts: the messages of a port, channel or AsyncChan, declared in the manifest and generated as structures
// for C++ and C. Fields lie in the order of the file, each aligned to its size, with the gaps written out, so that a
// message holds nothing but what is declared. Invariant of what was read without an error: at most 64 bytes each, names
// and opcodes once.
//
//   [port.opening.messages.open]
//   fields = { percent = "u8", gentle = "bool" }
//   reply = { opened = "u8" }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/granary/diagnostics.hpp"

namespace tool {

class TomlTable;
struct Manifest;
struct Silo;

struct Field {
  std::string name{};
  std::string type{};  ///< "u8"; of an element, if there are several
  unsigned count = 0;  ///< of an array; 0: it is none
  unsigned element_size = 0;
  unsigned offset = 0;
};

struct ContractMessage {
  std::string name{};
  unsigned opcode = 0;
  std::vector<Field> fields{};
  std::optional<std::vector<Field>> reply{};
  Location at{};
};

using Contract = std::vector<ContractMessage>;

/// `messages` of a table; empty if there is none.
Contract read_contract(TomlTable& object, bool may_reply);

/// "open=1(u8 percent@0)->(u8 opened@0);": what both sides have to agree on, and a 64-bit FNV-1a hash of it.
std::string contract_text(const Contract& contract);
std::uint64_t contract_hash(const Contract& contract);
std::uint64_t contract_hash_of(const std::string& text);

/// One contract that a silo has a part in.
struct ContractUse {
  std::string kind{};  ///< "port", "channel", "async" or "name"
  std::string name{};
  std::string role{};  ///< "server", "client", "sender", "receiver", "both", "publisher", "connector"
  const Contract* contract = nullptr;
};

/// In the order of the silo's capabilities, then names; only of what declares messages.
std::vector<ContractUse> contracts_of(const Manifest& manifest, const Silo& silo);

/// What the generated header of a silo says of the contracts of its links; empty if they have none.
std::string cpp_contracts(const Manifest& manifest, const Silo& silo);
std::string c_contracts(const Manifest& manifest, const Silo& silo);

}  // namespace tool
