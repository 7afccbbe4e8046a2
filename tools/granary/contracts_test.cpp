// SPDX-License-Identifier: Apache-2.0
//
// Contracts: what is read, how messages are laid out, what the headers say. What is refused has samples.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/contracts.hpp"
#include "tools/granary/generate.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::HasSubstr;

Manifest sample() {
  Diagnostics diagnostics;
  Manifest manifest = test::load(test::samples("accepted/contracts.toml"), diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  return manifest;
}

TEST(Contract, lays_fields_out_in_the_order_of_the_file_each_aligned) {
  EXPECT_EQ(contract_text(sample().ports[0].messages),
            "open=1(u8 percent@0,u32 when@4,f64 exact@8,bool gentle@16)->(u8 opened@0);shut=7()->();"
            "note=3(char[64] text@0);");
}

TEST(Contract, hash_changes_with_everything_that_both_sides_must_agree_on) {
  const Contract before = sample().ports[0].messages;
  EXPECT_EQ(contract_hash(before), 0x8b9170fdc8631ccfU);
  const auto changed = [&](auto change) {
    Contract after = before;
    change(after);
    return contract_hash(after) != contract_hash(before);
  };
  EXPECT_TRUE(changed([](Contract& c) { c[0].opcode = 9; }));
  EXPECT_TRUE(changed([](Contract& c) { c[0].name = "opens"; }));
  EXPECT_TRUE(changed([](Contract& c) { c[0].fields[1].type = "i32"; }));
  EXPECT_TRUE(changed([](Contract& c) { c[0].fields[1].offset = 8; }));
  EXPECT_TRUE(changed([](Contract& c) { c[2].fields[0].count = 63; }));
  EXPECT_TRUE(changed([](Contract& c) { c[1].reply.reset(); }));
  EXPECT_FALSE(changed([](Contract& c) { c[0].at.line = 99; }));
}

TEST(Contract, is_in_the_headers_of_those_who_have_the_link) {
  const Manifest manifest = sample();
  const std::string cpp = cpp_header(manifest, manifest.silos[0]), c = c_header(manifest, manifest.silos[1]);
  EXPECT_THAT(cpp, HasSubstr("struct Open {\n  static constexpr std::uint64_t kOpcode = 1;\n  struct Reply {\n"));
  EXPECT_THAT(cpp, HasSubstr("  uint8_t gap_1[3] = {};\n  uint32_t when = {};\n"));
  EXPECT_THAT(cpp, HasSubstr("kHash = 0x8b9170fdc8631ccf;"));
  EXPECT_THAT(c, HasSubstr("#define P_SHUT 7\n"));
  EXPECT_THAT(c, HasSubstr("struct p_open_reply {\n  uint8_t opened;\n};\n"));
  EXPECT_THAT(c, HasSubstr("#define P_HASH UINT64_C(0x8b9170fdc8631ccf)"));
}

TEST(Contract, is_in_no_header_of_others) {
  Manifest manifest = sample();
  manifest.ports[0].clients.clear();
  EXPECT_EQ(cpp_header(manifest, manifest.silos[1]).find("contracts::p"), std::string::npos);
}

}  // namespace
}  // namespace tool
