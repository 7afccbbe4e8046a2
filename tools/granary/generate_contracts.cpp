// SPDX-License-Identifier: Apache-2.0
//
// Contracts as C++ and C (contracts.hpp). Gaps are members of their own, so that a copy of a structure holds no bytes
// that nobody wrote; the compiler checks every offset.
#include <algorithm>
#include <cctype>
#include <map>

#include "tools/granary/contracts.hpp"
#include "tools/granary/manifest.hpp"
#include "tools/granary/program_contracts.hpp"
#include "tools/granary/text.hpp"

namespace tool {
namespace {

const char* c_type(const std::string& type) {
  static const std::map<std::string, const char*> names{{"u8", "uint8_t"},   {"u16", "uint16_t"}, {"u32", "uint32_t"},
                                                        {"u64", "uint64_t"}, {"i8", "int8_t"},    {"i16", "int16_t"},
                                                        {"i32", "int32_t"},  {"i64", "int64_t"},  {"f32", "float"},
                                                        {"f64", "double"},   {"bool", "bool"},    {"char", "char"}};
  return names.at(type);
}

/// open_slowly -> OpenSlowly
std::string type_name(const std::string& name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    if (c != '_') out += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = c == '_';
  }
  return out;
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

unsigned end_of(const Field& field) { return field.offset + field.element_size * std::max(1U, field.count); }

/// The size that the compiler gives it: rounded up to its largest element.
unsigned size_of(const std::vector<Field>& fields) {
  unsigned alignment = 1;
  for (const Field& field : fields) alignment = std::max(alignment, field.element_size);
  const unsigned end = fields.empty() ? 0 : end_of(fields.back());
  return (end + alignment - 1) / alignment * alignment;
}

std::string members(const std::vector<Field>& fields, bool is_cpp, const std::string& indent) {
  std::string out;
  unsigned at = 0, gaps = 0;
  const auto gap = [&](unsigned until) {
    if (until > at)
      out += indent + "uint8_t gap_" + std::to_string(++gaps) + "[" + std::to_string(until - at) + "]" +
             (is_cpp ? " = {}" : "") + ";\n";
  };
  for (const Field& field : fields) {
    gap(field.offset);
    out += indent + c_type(field.type) + " " + field.name +
           (field.count != 0 ? "[" + std::to_string(field.count) + "]" : "") + (is_cpp ? " = {}" : "") + ";\n";
    at = end_of(field);
  }
  gap(size_of(fields));
  return out;
}

std::string asserts(const std::vector<Field>& fields, const std::string& type, const char* word) {
  std::string out;
  for (const Field& field : fields)
    out += std::string(word) + "(offsetof(" + type + ", " + field.name + ") == " + std::to_string(field.offset) +
           ", \"" + field.name + " has moved\");\n";
  if (!fields.empty())
    out += std::string(word) + "(sizeof(" + type + ") == " + std::to_string(size_of(fields)) + ", \"as declared\");\n";
  return out;
}

/// Of a variable: two headers of one silo may be seen by one file.
std::string record_name(const ContractUse& use) { return "granary_contract_of_" + use.name; }

}  // namespace

std::string cpp_contracts(const Manifest& manifest, const Silo& silo) {
  std::string out;
  for (const ContractUse& use : contracts_of(manifest, silo)) {
    const std::string& link = use.name;
    const Contract* const contract = use.contract;
    out += "\n/// Messages of " + ticked(link) + ".\nnamespace granary::contracts::" + link +
           " {\n\ninline constexpr std::uint64_t kHash = " + hexadecimal(contract_hash(*contract)) + ";\n" +
           "GRANARY_CONTRACT_RECORD(" + record_name(use) + ") = \"" + contract_record(use) + "\";\n";
    for (const ContractMessage& message : *contract) {
      const std::string type = type_name(message.name);
      out += "\nstruct " + type + " {\n  static constexpr std::uint64_t kOpcode = " + std::to_string(message.opcode) +
             ";\n";
      if (message.reply) out += "  struct Reply {\n" + members(*message.reply, true, "    ") + "  };\n";
      out += members(message.fields, true, "  ") + "};\n" + asserts(message.fields, type, "static_assert");
      if (message.reply) out += asserts(*message.reply, type + "::Reply", "static_assert");
    }
    out += "\n}  // namespace granary::contracts::" + link + "\n";
  }
  return out.empty() ? ""
                     : "\n#include <granary/contract.hpp>\n" + out + "\nnamespace contracts = granary::contracts;\n";
}

std::string c_contracts(const Manifest& manifest, const Silo& silo) {
  std::string out;
  for (const ContractUse& use : contracts_of(manifest, silo)) {
    const std::string& link = use.name;
    const Contract* const contract = use.contract;
    out += "\n// Messages of `" + link + "`.\n#define " + upper(link) + "_HASH UINT64_C(" +
           hexadecimal(contract_hash(*contract)) + ")\nGRANARY_CONTRACT_RECORD(" + record_name(use) + ") = \"" +
           contract_record(use) + "\";\n";
    for (const ContractMessage& message : *contract) {
      const std::string name = link + "_" + message.name;
      out += "#define " + upper(name) + " " + std::to_string(message.opcode) + "\n";
      const auto structure = [&](const std::string& type, const std::vector<Field>& fields) {
        if (!fields.empty())
          out += "struct " + type + " {\n" + members(fields, false, "  ") + "};\n" +
                 asserts(fields, "struct " + type, "_Static_assert");
      };
      structure(name, message.fields);
      if (message.reply) structure(name + "_reply", *message.reply);
    }
  }
  return out.empty() ? "" : "\n#include <granary/contract_record.h>\n#include <stdbool.h>\n#include <stddef.h>\n" + out;
}

}  // namespace tool
