// SPDX-License-Identifier: Apache-2.0
//
// Generated texts, compared with test/golden/: what a user's program includes and make runs changes only on purpose.
// After such a change write them anew and review the difference: UPDATE_GOLDEN=1 build/host/tool_tests
// --gtest_filter=Generated.*
#include "test/fakes/host_prelude.hpp"

#include <cctype>
#include <cstdlib>

#include "tools/granary/generate.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

class Generated : public testing::Test {
 protected:
  Generated() {
    Diagnostics diagnostics;
    manifest_ = test::load(test::samples("accepted") / "everything.toml", diagnostics);
    EXPECT_EQ(test::printed(diagnostics), "");
    manifest_.file = "everything.toml";
  }
  static void expect_golden(const std::string& text, const std::string& name) {
    const std::filesystem::path file = test::samples("../../../test/golden") / name;
    if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream(file) << text;
    EXPECT_EQ(text, test::text_of(file));
  }
  Manifest manifest_;
};

TEST_F(Generated, cpp_header_of_a_silo_is_the_golden_one) {
  expect_golden(cpp_header(manifest_, manifest_.silos[0]), "handles.hpp.txt");
}

TEST_F(Generated, cpp_header_of_a_silo_that_may_not_give_the_verdict_lets_the_compiler_say_so) {
  const std::string text = "inline constexpr granary::NoSystem system{};";
  EXPECT_EQ(cpp_header(manifest_, manifest_.silos[0]).find(text), std::string::npos);
  EXPECT_NE(cpp_header(manifest_, manifest_.silos[1]).find(text), std::string::npos);
}

TEST_F(Generated, headers_of_an_operator_have_silos_and_images_by_name) {
  manifest_.silos[1].is_operator = true;
  manifest_.silos[1].images = {{.name = "v2"}, {.name = "v3"}};
  const std::string other = manifest_.silos[0].name, name = manifest_.silos[1].name;
  const std::string cpp = cpp_header(manifest_, manifest_.silos[1]);
  EXPECT_NE(
      cpp.find("inline constexpr std::uint32_t " + other + " = 0;\ninline constexpr std::uint32_t " + name + " = 1;\n"),
      std::string::npos)
      << cpp;
  EXPECT_NE(cpp.find("namespace " + name +
                     " {\ninline constexpr granary::Image main{1, 0};\ninline constexpr granary::Image "
                     "v2{1, 1};\ninline constexpr granary::Image v3{1, 2};\n}\n"),
            std::string::npos)
      << cpp;
  EXPECT_NE(cpp.find("std::array<NamedImage, 3> kNamedImages{{{\"main\", images::" + name +
                     "::main}, {\"v2\", images::" + name + "::v2}, {\"v3\", images::" + name + "::v3}}};\n"),
            std::string::npos)
      << cpp;
  const std::string c = c_header(manifest_, manifest_.silos[1]);
  std::string capitals = name;
  for (char& letter : capitals) letter = static_cast<char>(std::toupper(letter));
  EXPECT_NE(c.find("#define SILO_" + capitals + " 1\n#define IMAGE_" + capitals + "_MAIN 0\n#define IMAGE_" + capitals +
                   "_V2 1\n#define IMAGE_" + capitals + "_V3 2\n"),
            std::string::npos)
      << c;
  EXPECT_EQ(cpp_header(manifest_, manifest_.silos[0]).find("namespace granary::silos"), std::string::npos)
      << "whoever is no operator has no use for them";
}

TEST_F(Generated, c_header_lets_the_compiler_say_so_too) {
  const std::string text = "#define HANDLE_SYSTEM granary_no_system()";
  EXPECT_EQ(c_header(manifest_, manifest_.silos[0]).find(text), std::string::npos);
  EXPECT_NE(c_header(manifest_, manifest_.silos[1]).find(text), std::string::npos);
}

TEST_F(Generated, c_header_of_a_silo_is_the_golden_one) {
  expect_golden(c_header(manifest_, manifest_.silos[0]), "handles.h.txt");
}

TEST_F(Generated, make_rules_are_the_golden_ones) {
  expect_golden(makefile(manifest_, "build/everything", "build/tools/granary"), "system.mk.txt");
}

TEST_F(Generated, picture_is_the_golden_one) { expect_golden(graph(manifest_), "graph.svg"); }

TEST_F(Generated, graph_is_the_golden_one) { expect_golden(dot_graph(manifest_), "graph.dot"); }

TEST_F(Generated, make_rules_copy_a_program_that_is_built_already) {
  manifest_.silos.resize(1);
  manifest_.silos[0].program = {"made/elsewhere.elf"};
  const std::string rules = makefile(manifest_, "out", "granary");
  EXPECT_NE(rules.find("out/server/server.elf: made/elsewhere.elf\n"), std::string::npos) << rules;
  EXPECT_EQ(rules.find("PROGRAM="), std::string::npos) << rules;
}

}  // namespace
}  // namespace tool
