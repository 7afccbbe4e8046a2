// SPDX-License-Identifier: Apache-2.0
//
// Reading contracts and laying out their messages (contracts.hpp).
#include "tools/granary/contracts.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "ipc/abi/abi.hpp"
#include "tools/granary/text.hpp"
#include "tools/granary/toml_table.hpp"

namespace tool {
namespace {

constexpr unsigned kMessageBytes = 8 * abi::kMessageWords;
constexpr std::uint64_t kLargestOpcode = 0xffff'ffff;

const std::map<std::string, unsigned>& types() {
  static const std::map<std::string, unsigned> sizes{{"u8", 1},  {"u16", 2}, {"u32", 4},  {"u64", 8},
                                                     {"i8", 1},  {"i16", 2}, {"i32", 4},  {"i64", 8},
                                                     {"f32", 4}, {"f64", 8}, {"bool", 1}, {"char", 1}};
  return sizes;
}

enum class TypeDefect { None, NoType, TooLong };

/// "u8" or "u8[16]".
TypeDefect parse_type(const std::string& text, Field& field) {
  const std::size_t bracket = text.find('[');
  field.type = text.substr(0, bracket);
  const auto known = types().find(field.type);
  if (known == types().end()) return TypeDefect::NoType;
  field.element_size = known->second;
  if (bracket == std::string::npos) return TypeDefect::None;
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data() + bracket + 1, end, field.count);
  const bool is_number = failure == std::errc{} || failure == std::errc::result_out_of_range;
  if (!is_number || rest + 1 != end || *rest != ']') return TypeDefect::NoType;
  if (failure != std::errc{} || field.count > kMessageBytes / field.element_size) return TypeDefect::TooLong;
  return field.count == 0 ? TypeDefect::NoType : TypeDefect::None;
}

std::vector<Field> read_fields(TomlTable& table, const char* key) {
  std::vector<Field> fields;
  unsigned end = 0;
  const std::string example = std::string(key) + " = { percent = \"u8\" }";
  for (const auto& [name, type] : table.pairs(key, example)) {
    Field field{.name = name.name};
    const std::string what = "the field " + ticked(name.name) + " of " + table.what();
    if (const auto defect = name_defect(name.name))
      table.diagnostics().error(name.at, what + " has a name that " + *defect, name_remedy(name.name));
    const TypeDefect defect = parse_type(type.name, field);
    if (defect == TypeDefect::NoType)
      table.diagnostics().error(type.at, what + " has the type " + ticked(type.name) + ", which is none",
                                "u8, u16, u32, u64, i8 to i64, f32, f64, bool or char, or several: \"u8[16]\"");
    if (defect == TypeDefect::TooLong)
      table.diagnostics().error(type.at,
                                what + " has the type " + ticked(type.name) + ", longer than the " +
                                    std::to_string(kMessageBytes) + " bytes of a message",
                                "put what is larger into a region, and say where it is");
    if (defect != TypeDefect::None) continue;
    field.offset = (end + field.element_size - 1) / field.element_size * field.element_size;
    end = field.offset + field.element_size * std::max(1U, field.count);
    fields.push_back(field);
  }
  if (end > kMessageBytes)
    table.diagnostics().error(table.at(key),
                              ticked(key) + " of " + table.what() + " take " + std::to_string(end) + " bytes",
                              "a message has room for " + std::to_string(kMessageBytes) +
                                  "; put what is larger into a region, and say where it is");
  return fields;
}

std::string text_of(const std::vector<Field>& fields) {
  std::string text;
  for (const Field& field : fields)
    text += (text.empty() ? "" : ",") + field.type + (field.count != 0 ? "[" + std::to_string(field.count) + "]" : "") +
            " " + field.name + "@" + std::to_string(field.offset);
  return "(" + text + ")";
}

}  // namespace

Contract read_contract(TomlTable& object, bool may_reply) {
  Contract contract;
  std::set<unsigned> opcodes;
  object.tables("messages", "message", " of " + object.what(), [&](const std::string& name, TomlTable& table) {
    ContractMessage message{.name = name, .at = table.at()};
    if (const auto defect = name_defect(name))
      table.diagnostics().error(table.at(), "the name of " + table.what() + " " + *defect, name_remedy(name));
    message.opcode = static_cast<unsigned>(table.integer("opcode", 1, kLargestOpcode).value_or(contract.size() + 1));
    message.fields = read_fields(table, "fields");
    if (table.has("reply")) {
      message.reply = read_fields(table, "reply");
      if (!may_reply)
        table.diagnostics().error(table.at("reply"), table.what() + " has a reply, and only a port has calls",
                                  "leave `reply` out, or make it a [port.NAME]");
    }
    if (!opcodes.insert(message.opcode).second)
      table.diagnostics().error(
          table.at(), table.what() + " has the opcode " + std::to_string(message.opcode) + " of another message",
          "give each its own, or leave `opcode` out");
    contract.push_back(message);
  });
  return contract;
}

std::string contract_text(const Contract& contract) {
  std::string text;
  for (const ContractMessage& message : contract)
    text += message.name + "=" + std::to_string(message.opcode) + text_of(message.fields) +
            (message.reply ? "->" + text_of(*message.reply) : "") + ";";
  return text;
}

std::uint64_t contract_hash(const Contract& contract) { return contract_hash_of(contract_text(contract)); }

std::uint64_t contract_hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace tool
