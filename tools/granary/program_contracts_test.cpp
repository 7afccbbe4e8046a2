// SPDX-License-Identifier: Apache-2.0
//
// Contracts of programs against those of the manifest: what is accepted, and each refusal with its words.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/generate.hpp"
#include "tools/granary/program_contracts.hpp"
#include "tools/granary/tests/elf_builder.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::HasSubstr;

const std::string kNul(1, '\0');

struct ProgramContractsTest : testing::Test {
  Diagnostics diagnostics;
  Manifest manifest = test::load(test::samples("accepted/contracts.toml"), diagnostics);
  const Silo& server = manifest.silos[0];
  const Silo& client = manifest.silos[1];

  const ContractUse use_of(const Silo& silo, const std::string& name) const {
    for (const ContractUse& use : contracts_of(manifest, silo))
      if (use.name == name) return use;
    ADD_FAILURE() << "no contract of " << name;
    return {};
  }
  /// The record of a program that was built when the manifest was as `change` makes it.
  template <typename Change>
  std::string record_before(const Silo& silo, const std::string& name, Change change) const {
    ContractUse use = use_of(silo, name);
    Contract contract = *use.contract;
    change(contract);
    use.contract = &contract;
    return contract_record(use);
  }
  std::string record(const Silo& silo, const std::string& name) const {
    return record_before(silo, name, [](Contract&) {});
  }
  ElfFile elf_with(const std::string& section) {
    test::ElfBuilder builder = test::ElfBuilder::with_text();
    builder.symbol("main", 0x10000);
    builder.contracts(section);
    return parse_elf(builder.bytes(), {"a.elf", 0}, diagnostics);
  }
  std::string refusal(const Silo& silo, const std::string& section) {
    check_contracts(manifest, silo, elf_with(section), {"a.elf", 0}, diagnostics);
    return test::printed(diagnostics);
  }
};

TEST_F(ProgramContractsTest, what_was_built_with_the_manifest_is_accepted_and_known) {
  // As a linker leaves it: one for each file of the program that includes the header, with more between them.
  const std::string section =
      kNul + record(server, "p") + kNul + kNul + record(server, "c") + kNul + record(server, "p") + kNul;
  const ProgramContracts found = check_contracts(manifest, server, elf_with(section), {"a.elf", 0}, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  EXPECT_EQ(found, (ProgramContracts{{"port p", contract_hash(manifest.ports[0].messages)},
                                     {"channel c", contract_hash(manifest.channels[0].messages)}}));
}

TEST_F(ProgramContractsTest, a_program_without_a_record_says_nothing) {
  EXPECT_TRUE(check_contracts(manifest, server, elf_with(""), {"a.elf", 0}, diagnostics).empty());
  EXPECT_EQ(test::printed(diagnostics), "");
}

TEST_F(ProgramContractsTest, roles_are_those_of_the_manifest) {
  EXPECT_EQ(use_of(server, "p").role, "server");
  EXPECT_EQ(use_of(client, "p").role, "client");
  EXPECT_EQ(use_of(server, "c").role, "sender");
  EXPECT_EQ(use_of(client, "c").role, "receiver");
  EXPECT_EQ(use_of(server, "log").role, "publisher");
  EXPECT_EQ(use_of(client, "log").role, "connector");
}

TEST_F(ProgramContractsTest, a_changed_field_is_named) {
  const std::string old = record_before(client, "p", [](Contract& contract) { contract[0].fields[0].type = "i8"; });
  const std::string said = refusal(client, old + kNul);
  EXPECT_THAT(said, HasSubstr("a.elf: error: it was built with another contract of port `p` than "));
  EXPECT_THAT(said, HasSubstr("message `open` is open=1(i8 percent@0,u32 when@4,f64 exact@8,bool gentle@16)->(u8 "
                              "opened@0) in the program and open=1(u8 percent@0"));
  EXPECT_THAT(said, HasSubstr("remedy: build the program again, with the headers that `granary header` makes"));
}

TEST_F(ProgramContractsTest, a_message_too_many_or_too_few_is_named) {
  EXPECT_THAT(refusal(client, record_before(client, "p", [](Contract& contract) { contract.pop_back(); })),
              HasSubstr("the program does not know the message `note`"));
  EXPECT_THAT(refusal(client, record_before(client, "p",
                                            [](Contract& contract) {
                                              contract.push_back(contract[1]);
                                              contract.back().name = "gone";
                                            })),
              HasSubstr("the manifest does not know its message `gone`"));
  EXPECT_THAT(
      refusal(client, record_before(client, "p", [](Contract& contract) { std::swap(contract[0], contract[1]); })),
      HasSubstr("its messages come in another order"));
}

TEST_F(ProgramContractsTest, the_older_of_the_two_files_is_named) {
  namespace fs = std::filesystem;
  const fs::path program = fs::temp_directory_path() / ("contract_" + std::to_string(::getpid()) + ".elf");
  std::ofstream(program) << "x";
  const ElfFile elf = elf_with(record_before(client, "p", [](Contract& contract) { contract[0].opcode = 9; }));
  const auto said_with = [&](int hours) {
    fs::last_write_time(program, fs::last_write_time(manifest.file) + std::chrono::hours(hours));
    Diagnostics own;
    check_contracts(manifest, client, elf, {program.string(), 0}, own);
    return test::printed(own);
  };
  EXPECT_THAT(said_with(-1), HasSubstr("the program is the older of the two"));
  EXPECT_THAT(said_with(1), HasSubstr("the manifest is the older of the two"));
  fs::remove(program);
}

TEST_F(ProgramContractsTest, a_contract_that_the_silo_does_not_have_is_refused) {
  std::string other = record(client, "p");
  other.replace(other.find(" p "), 3, " q ");
  EXPECT_THAT(refusal(client, other),
              HasSubstr("it was built with a contract of port `q`, which silo `b` does not have"));
}

TEST_F(ProgramContractsTest, another_role_is_refused) {
  EXPECT_THAT(refusal(client, record(server, "p")), HasSubstr("it was built as server of port `p`, and "));
}

TEST_F(ProgramContractsTest, files_of_one_program_must_agree) {
  const std::string old = record_before(client, "p", [](Contract& contract) { contract[0].opcode = 9; });
  EXPECT_THAT(refusal(client, record(client, "p") + kNul + old),
              HasSubstr("its source files were compiled with different contracts of port `p`"));
}

TEST_F(ProgramContractsTest, damaged_records_are_refused) {
  const std::string sound = record(client, "p");
  const auto damaged = [&](std::string text) {
    Diagnostics own;
    check_contracts(manifest, client, elf_with(text), {"a.elf", 0}, own);
    EXPECT_THAT(test::printed(own), HasSubstr("its record of a contract is damaged")) << text;
  };
  damaged("x");
  damaged("granary-contract-2" + sound.substr(18));
  damaged(sound.substr(0, sound.size() - 1));
  damaged(sound + ";");
  std::string hash = sound;
  hash[hash.find("0x") + 3] = 'g';
  damaged(hash);
  damaged(std::string(5000, 'a'));
  EXPECT_LT(refusal(client, std::string(5000, 'a')).size(), 500u) << "what is printed is cut";
}

TEST_F(ProgramContractsTest, a_section_behind_the_end_of_the_file_is_refused) {
  test::ElfBuilder builder = test::ElfBuilder::with_text();
  builder.contracts("x");
  std::vector<std::uint8_t> bytes = builder.bytes();
  Elf64_Shdr section{};
  const std::size_t at = builder.header.e_shoff + 2 * sizeof section;
  std::memcpy(&section, bytes.data() + at, sizeof section);
  section.sh_size = ~std::uint64_t{0};
  std::memcpy(bytes.data() + at, &section, sizeof section);
  parse_elf(bytes, {"a.elf", 0}, diagnostics);
  EXPECT_THAT(test::printed(diagnostics), HasSubstr("its section .granary.contracts lies behind the end of the file"));
}

TEST_F(ProgramContractsTest, the_headers_hold_the_record) {
  EXPECT_THAT(cpp_header(manifest, server),
              HasSubstr("GRANARY_CONTRACT_RECORD(granary_contract_of_p) = \"granary-contract-1 port p server 0x"));
  EXPECT_THAT(
      c_header(manifest, client),
      HasSubstr("GRANARY_CONTRACT_RECORD(granary_contract_of_log) = \"granary-contract-1 name log connector 0x"));
}

}  // namespace
}  // namespace tool
