// SPDX-License-Identifier: Apache-2.0
//
// A new project is what the tutorial says it is, and is not put where something else is; the SDK is found.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/commands.hpp"
#include "tools/granary/home.hpp"
#include "tools/granary/project.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class NewProject : public testing::Test {
 protected:
  NewProject() { fs::create_directories(folder_); }
  ~NewProject() override { fs::remove_all(folder_); }
  std::string make(const std::string& name) {
    Diagnostics diagnostics;
    make_project(folder_ / name, test::samples("../../../silos/sdk"), diagnostics);
    return test::printed(diagnostics);
  }
  fs::path folder_ = fs::temp_directory_path() / ("granary_new_test_" + std::to_string(getpid()));
};

TEST_F(NewProject, is_sound_and_has_sixty_lines_at_most) {
  EXPECT_EQ(make("demo"), "");
  Diagnostics diagnostics;
  const Manifest manifest = test::load(folder_ / "demo/system.toml", diagnostics);
  warn_about(manifest, diagnostics);
  EXPECT_EQ(test::printed(diagnostics), "");
  EXPECT_EQ(manifest.system, "demo");
  EXPECT_EQ(manifest.silos.size(), 2U);
  std::ptrdiff_t lines = 0;
  for (const auto& entry : fs::directory_iterator(folder_ / "demo")) {
    const std::string text = test::text_of(entry.path());
    EXPECT_EQ(text.find('@'), std::string::npos) << entry.path();
    lines += std::count(text.begin(), text.end(), '\n');
  }
  EXPECT_LE(lines, 60);
  const std::string text = test::text_of(folder_ / "demo/system.toml");
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 12);
}

TEST_F(NewProject, is_not_mixed_with_what_is_there) {
  EXPECT_EQ(make("demo"), "");
  EXPECT_THAT(make("demo"), testing::HasSubstr("this is there already"));
  std::ofstream(folder_ / "file") << "";
  EXPECT_THAT(make("file"), testing::HasSubstr("this is there already"));
  fs::create_directories(folder_ / "empty");
  EXPECT_EQ(make("empty"), "");
}

TEST_F(NewProject, has_a_name_that_a_system_can_have) {
  EXPECT_THAT(make("My-Demo"), testing::HasSubstr("choose a folder named with"));
  EXPECT_FALSE(fs::exists(folder_ / "My-Demo"));
}

TEST(Home, is_the_sdk_beside_the_program) {
  const fs::path folder = fs::temp_directory_path() / ("granary_home_test_" + std::to_string(getpid()));
  EXPECT_FALSE(find_home(folder / "bin/granary"));
  for (const char* file : {"silos/sdk/sdk.mk", "tools/run_qemu.py", "kernel/granary.img"}) {
    fs::create_directories((folder / "share/granary" / file).parent_path());
    std::ofstream(folder / "share/granary" / file) << "";
  }
  const auto home = find_home(folder / "bin/granary");
  ASSERT_TRUE(home);
  EXPECT_EQ(home->root, folder / "share/granary");
  EXPECT_EQ(home->kernel, folder / "share/granary/kernel/granary.img");
  fs::remove_all(folder);
}

TEST(Home, is_refused_where_make_cannot_handle_its_path) {
  const auto refusal = [](const std::string& folder) {
    Diagnostics diagnostics;
    check_home({.root = folder + "/share/granary", .kernel = "", .packages = "", .program = folder + "/bin/granary"},
               diagnostics);
    return test::printed(diagnostics);
  };
  EXPECT_EQ(refusal("/opt/granary-sdk-1.0"), "");
  EXPECT_THAT(refusal("/home/ada/my tools"), HasSubstr("such as a space\n  remedy: move the SDK to a folder"));
  EXPECT_THAT(refusal("/home/ada/tools (new)"), HasSubstr("/home/ada/tools (new)/share/granary: error: "));
}

TEST(DiagnosticsTest, one_remedy_for_several_defects_of_a_file_is_said_once) {
  Diagnostics diagnostics;
  diagnostics.error({"a.elf", 0}, "one", "build it again");
  diagnostics.error({"a.elf", 0}, "two", "build it again");
  diagnostics.error({"b.elf", 0}, "three", "build it again");
  EXPECT_EQ(test::printed(diagnostics),
            "a.elf: error: one\na.elf: error: two\n  remedy: build it again\nb.elf: error: three\n  remedy: build it "
            "again\n");
}

TEST(Product, goes_to_a_file_rather_than_to_a_terminal) {
  EXPECT_EQ(product_file("", "demo.svg", true), "demo.svg");
  EXPECT_EQ(product_file("", "demo.svg", false), "-");
  EXPECT_EQ(product_file("mine.svg", "demo.svg", true), "mine.svg");
  EXPECT_EQ(product_file("-", "demo.svg", true), "-");
}

}  // namespace
}  // namespace tool
