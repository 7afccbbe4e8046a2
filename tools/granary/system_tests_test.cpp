// SPDX-License-Identifier: Apache-2.0
//
// Expectations of systems: how they are read, and how runs are judged.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/system_tests.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

SystemTest expecting(const std::vector<std::string>& patterns) {
  SystemTest test{.name = "t"};
  for (const std::string& pattern : patterns) test.expect.push_back({pattern, {}});
  return test;
}

const std::vector<std::string> kLines{"[a] one", "[b] two", "[a] three"};

TEST(SystemTests, lines_have_to_come_in_the_order_of_the_patterns) {
  EXPECT_TRUE(judge(expecting({"one", "three"}), kLines, 0).empty());
  EXPECT_THAT(judge(expecting({"three", "one"}), kLines, 0),
              ElementsAre("no line matches `one` behind the one for the pattern before it"));
  EXPECT_THAT(judge(expecting({"four"}), kLines, 0), ElementsAre("no line matches `four`"));
  SystemTest any = expecting({"three", "one"});
  any.any_order = true;
  EXPECT_TRUE(judge(any, kLines, 0).empty());
}

TEST(SystemTests, one_line_does_not_serve_two_patterns) {
  EXPECT_FALSE(judge(expecting({"two", "two"}), kLines, 0).empty());
}

TEST(SystemTests, a_forbidden_line_is_named) {
  SystemTest test = expecting({});
  test.forbid.push_back({"^\\[b\\]", {}});
  EXPECT_THAT(judge(test, kLines, 0), ElementsAre("forbidden by `^\\[b\\]`: [b] two"));
}

TEST(SystemTests, the_verdict_has_to_be_the_one_that_is_wanted) {
  SystemTest test = expecting({});
  EXPECT_THAT(judge(test, kLines, 3), ElementsAre("the verdict is failed, with status 3"));
  EXPECT_THAT(judge(test, kLines, 96), ElementsAre("the machine ended without a verdict"));
  EXPECT_THAT(judge(test, kLines, 97), ElementsAre("the kernel died"));
  EXPECT_THAT(judge(test, kLines, 98), ElementsAre("the kernel stopped at boot"));
  EXPECT_THAT(judge(test, kLines, 99),
              ElementsAre("the time was up: there was no verdict within 60 s; `seconds = 120` in the test "
                          "gives more"));
  test.verdict = "failed";
  EXPECT_TRUE(judge(test, kLines, 3).empty());
  EXPECT_THAT(judge(test, kLines, 0), ElementsAre("the verdict is passed"));
  test.verdict = "any";
  EXPECT_TRUE(judge(test, kLines, 99).empty());
  EXPECT_FALSE(judge(test, kLines, 97).empty()) << "a dead kernel is never wanted";
}

TEST(SystemTests, are_read_with_their_defaults) {
  const test::TemporaryManifest file(
      "[test.first]\nexpect = 'one'\n[test.second]\nboards = [\"virt\", \"raspi4b\"]\nseconds = 9\n");
  Diagnostics diagnostics;
  const std::vector<SystemTest> tests = read_system_tests(file.file(), diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  ASSERT_EQ(tests.size(), 2U);
  EXPECT_EQ(tests[0].expect[0].name, "one");
  EXPECT_THAT(tests[0].boards, ElementsAre("virt"));
  EXPECT_EQ(tests[0].system, "system.toml");
  EXPECT_THAT(tests[1].boards, ElementsAre("virt", "raspi4b"));
  EXPECT_EQ(tests[1].seconds, 9U);
}

TEST(SystemTests, are_refused_with_a_sentence) {
  const auto refusal = [](const std::string& text) {
    const test::TemporaryManifest file(text);
    Diagnostics diagnostics;
    read_system_tests(file.file(), diagnostics);
    return test::printed(diagnostics);
  };
  EXPECT_THAT(refusal("[test.a]\nexpect = ['(']\n"), HasSubstr(":2: error: the pattern `(` is no regular expression"));
  EXPECT_THAT(refusal("[test.a]\nverdict = \"good\"\n"), HasSubstr(":2: error: test `a` wants the verdict `good`"));
  EXPECT_THAT(refusal("[test.a]\nboards = [\"pi\"]\n"), HasSubstr("the boards are virt and raspi4b"));
  EXPECT_THAT(refusal("[test.a]\nexpects = []\n"), HasSubstr("did you mean `expect`?"));
  EXPECT_THAT(refusal("[test\n"), HasSubstr("this is not TOML"));
  Diagnostics diagnostics;
  read_system_tests("no_such_file.toml", diagnostics);
  EXPECT_THAT(test::printed(diagnostics), HasSubstr("there is no such file of tests"));
}

TEST(SystemTests, are_chosen_by_a_part_of_their_names) {
  const std::vector<SystemTest> tests{{.name = "it_opens"}, {.name = "it_answers"}};
  const auto refusal = [](const std::vector<SystemTest>& all, const std::string& only) {
    Diagnostics diagnostics;
    EXPECT_TRUE(chosen(all, only, "tests.toml", diagnostics).empty());
    return test::printed(diagnostics);
  };
  Diagnostics diagnostics;
  EXPECT_EQ(chosen(tests, "", "tests.toml", diagnostics).size(), 2U);
  EXPECT_EQ(chosen(tests, "opens", "tests.toml", diagnostics).size(), 1U);
  EXPECT_FALSE(diagnostics.failed());
  EXPECT_EQ(refusal(tests, "closes"),
            "tests.toml: error: no test has `closes` in its name\n  remedy: the tests are "
            "it_opens and it_answers\n");
  EXPECT_THAT(refusal({}, ""), HasSubstr("there is no test in this file"));
}

TEST(SystemTests, a_program_of_the_test_takes_the_place_of_a_silo) {
  const test::TemporaryManifest system(
      "system = \"sample\"\n[silo.b]\nprogram = [\"b.cpp\", \"c.cpp\"]\nverdict = true\n[silo.a]\nprogram = "
      "\"a.cpp\"\n[port.p]\nowner = \"b\"\nclients = [\"a\"]\n");
  const auto folder = system.file().parent_path();
  SystemTest test{.name = "replacing", .system = system.file().filename().string()};
  Diagnostics diagnostics;
  EXPECT_EQ(write_test_system(test, folder, diagnostics), system.file()) << "nothing is replaced: the manifest itself";

  test.replace = {{{"a", {}}, "a_test.cpp"}};
  const auto copy = write_test_system(test, folder, diagnostics);
  ASSERT_FALSE(diagnostics.failed()) << test::printed(diagnostics);
  const Manifest manifest = read_manifest(copy, diagnostics);
  std::filesystem::remove_all(folder / "build");
  ASSERT_FALSE(diagnostics.failed()) << test::printed(diagnostics);
  const auto in_folder = [&](const char* name) { return std::filesystem::absolute(folder / name).string(); };
  EXPECT_THAT(manifest.find_silo("a")->program, ElementsAre(in_folder("a_test.cpp")));
  EXPECT_TRUE(manifest.find_silo("a")->verdict);
  EXPECT_THAT(manifest.find_silo("b")->program, ElementsAre(in_folder("b.cpp"), in_folder("c.cpp")));
  EXPECT_FALSE(manifest.find_silo("b")->verdict);
  EXPECT_EQ(manifest.ports.size(), 1U);

  test.replace = {{{"nobody", {}}, "x.cpp"}};
  write_test_system(test, folder, diagnostics);
  EXPECT_THAT(test::printed(diagnostics), HasSubstr("replaces the silo `nobody`, and there is none in"));
}

}  // namespace
}  // namespace tool
