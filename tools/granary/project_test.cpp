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

}  // namespace
}  // namespace tool
