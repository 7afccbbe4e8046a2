// SPDX-License-Identifier: Apache-2.0
//
// What a report has to tell, and what a build warns of: of a system whose programs are made up here.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/report.hpp"
#include "tools/granary/tests/refusal.hpp"
#include "tools/granary/unused_handles.hpp"

namespace tool {
namespace {

using testing::HasSubstr;

class ReportTest : public testing::Test {
 protected:
  ReportTest() {
    Diagnostics diagnostics;
    manifest_ = test::load(test::samples("accepted/everything.toml"), diagnostics);
    layouts_.resize(manifest_.silos.size());
    layouts_[0].regions = {{"text", 0x10000, 0x2000, kRead | kExecute, {}},
                           {"stack.main", 0x13000, 0x4000, kRead | kWrite, {}}};
  }
  Manifest manifest_;
  std::vector<Layout> layouts_;
};

TEST_F(ReportTest, tells_a_program_of_memory_rights_windows_and_reach) {
  const std::string json = report_json({manifest_, layouts_, 4096, {{"server", "main", 992, "", {}}}});
  for (const char* words :
       {"\"address\": \"0x13000\"", "\"memory_bytes\": 24576", "\"PortReceive\"", "\"stack_bound_bytes\": 992",
        "\"by_the_manifest\": true", "\"frame_us\": 20000", "\"budget_us\": 2000"})
    EXPECT_THAT(json, HasSubstr(words));
}

TEST_F(ReportTest, tells_a_reader_the_same_with_pictures) {
  const std::string html = report_html({manifest_, layouts_, 4096, {{"server", "main", 992, "", {}}}});
  for (const char* words :
       {"<h2>What may reach what</h2>", "Windows of everything", "Memory of everything", "992 B", "AuditRead"})
    EXPECT_THAT(html, HasSubstr(words));
  EXPECT_TRUE(html.ends_with("</body></html>\n"));
}

TEST_F(ReportTest, has_no_picture_of_windows_where_there_are_none) {
  manifest_.schedules.clear();
  EXPECT_EQ(schedule_picture(manifest_), "");
}

TEST(UnusedHandles, are_looked_for_as_whole_words) {
  EXPECT_TRUE(has_word("handles::door.call()", "door"));
  EXPECT_FALSE(has_word("handles::doorbell", "door"));
  EXPECT_FALSE(has_word("indoor = 1", "door"));
  EXPECT_TRUE(has_word("indoor, door", "door"));
}

TEST(UnusedHandles, are_warned_about_where_no_source_names_them) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("granary_unused_test_" + std::to_string(getpid()));
  fs::create_directories(folder / "a");
  std::ofstream(folder / "a.c") << "int main(void) { return HANDLE_USED; }\n";
  std::ofstream(folder / "a/a.a.c.d") << "a.o: " << (folder / "a.c").string() << " \\\n "
                                      << (folder / "a/handles.h").string() << "\n";
  std::ofstream(folder / "a/handles.h") << "#define HANDLE_IDLE 1\n";
  const test::TemporaryManifest file(
      "[silo.a]\nprogram = \"program.c\"\n[port.used]\nowner = \"a\"\n[port.idle]\nowner = \"a\"\n");
  Diagnostics diagnostics;
  const Manifest manifest = test::load(file.file(), diagnostics);
  warn_about_unused_handles(manifest, folder, diagnostics);
  fs::remove_all(folder);
  EXPECT_FALSE(diagnostics.failed());
  EXPECT_EQ(test::printed(diagnostics),
            file.file().string() +
                ":1: warning: silo `a` has the capability `idle`, and its program never names it\n"
                "  remedy: take the link out of the manifest: nobody needs what nobody uses\n");
}

}  // namespace
}  // namespace tool
