// SPDX-License-Identifier: Apache-2.0
//
// Fault reports out of consoles: which addresses are looked up and how, and what is no report.
#include "test/fakes/host_prelude.hpp"

#include <random>
#include <sstream>

#include "tools/granary/symbolize.hpp"

namespace tool {
namespace {

const std::vector<std::string> kReport = {
    "granary: silo rogue stopped: thread main: 8-byte read into x0 at 0x0: nothing is mapped there",
    "granary:   0x0 is page 0, which is never mapped: a null pointer",
    "granary:   at pc 0x102a4, 0x2a4 bytes into region text (read-execute), instruction 0xf9400020",
    "granary: silo rogue: thread main owed 1 reply: client/main by port command",
    "granary: silo rogue:   x0 0x0000000000000000  x1 0x0000000000000000",
    "granary: silo rogue: #0 0x102a4, 0x2a4 bytes into region text (read-execute)",
    "granary: silo rogue: lr 0x10238, 0x238 bytes into region text (read-execute)",
    "granary: silo rogue: #1 0x10314, 0x314 bytes into region text (read-execute)",
    "granary: silo rogue: end of the calls: the outermost",
    "granary: silo rogue: thread worker was at 0x10400, 0x400 bytes into region text (read-execute)",
    "granary: silo rogue: end of the report",
};

struct SymbolizerTest : testing::Test {
  std::vector<std::pair<std::string, std::uint64_t>> asked;
  std::map<std::uint64_t, std::vector<std::string>> known = {
      {0x102a4, {"attack at rogue.cpp:28", "main at rogue.cpp:49"}},
      {0x10237, {"leaf at leaf.cpp:3"}},
      {0x10313, {"granary_main at startup.cpp:35"}}};
  std::ostringstream out;
  Symbolizer symbolizer{[this](const std::string& silo, std::uint64_t address) {
                          asked.emplace_back(silo, address);
                          const auto found = known.find(address);
                          return found == known.end() ? std::vector<std::string>{} : found->second;
                        },
                        out};
  std::string words(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) symbolizer.take(line);
    return std::move(out).str();
  }
};

TEST_F(SymbolizerTest, gives_each_address_its_function_and_line) {
  EXPECT_EQ(words(kReport),
            "crash of silo rogue: thread main: 8-byte read into x0 at 0x0: nothing is mapped there\n"
            "  #0 0x102a4 attack at rogue.cpp:28, inlined in main at rogue.cpp:49\n"
            "  #1 0x10238 leaf at leaf.cpp:3\n"
            "  #2 0x10314 granary_main at startup.cpp:35\n"
            "  end of the calls: the outermost\n"
            "  thread worker was at 0x10400 (not in a function of the program)\n"
            "  0x0 is page 0, which is never mapped: a null pointer\n"
            "  at pc 0x102a4, 0x2a4 bytes into region text (read-execute), instruction 0xf9400020\n"
            "  thread main owed 1 reply: client/main by port command\n"
            "    x0 0x0000000000000000  x1 0x0000000000000000\n");
}

TEST_F(SymbolizerTest, a_report_that_was_cut_short_says_where_it_was_all_the_same) {
  std::vector<std::string> lines(kReport.begin(), kReport.begin() + 3);
  lines.push_back("granary: silo rogue: end of the report: the last one was less than a second ago");
  EXPECT_THAT(
      words(lines),
      testing::AllOf(testing::HasSubstr("\n  #0 0x102a4 attack at rogue.cpp:28, inlined in main at rogue.cpp:49\n"),
                     testing::EndsWith("\n  no more was printed: the last one was less than a second ago\n")));
}

TEST_F(SymbolizerTest, asks_for_the_program_of_the_image_that_it_ran) {
  std::vector<std::string> lines = kReport;
  for (auto line = lines.begin(); line != lines.end(); ++line) {
    if (line->find(": #0 ") == std::string::npos) continue;
    lines.insert(line, "granary: silo rogue: its image is newer");
    break;
  }
  EXPECT_THAT(words(lines), testing::HasSubstr("  its image is newer\n"));
  ASSERT_FALSE(asked.empty());
  for (const auto& [program, address] : asked) EXPECT_EQ(program, "rogue/newer") << address;
  EXPECT_EQ(program_file("build", "rogue/newer"), "build/rogue/newer.elf");
  EXPECT_EQ(program_file("build", "rogue"), "build/rogue/rogue.elf");
}

TEST_F(SymbolizerTest, looks_up_the_call_and_not_what_comes_behind_it) {
  static_cast<void>(words(kReport));
  EXPECT_EQ(asked, (std::vector<std::pair<std::string, std::uint64_t>>{
                       {"rogue", 0x102a4}, {"rogue", 0x10237}, {"rogue", 0x10313}, {"rogue", 0x10400}}));
}

TEST_F(SymbolizerTest, leaves_out_a_link_register_of_a_call_that_is_over) {
  known[0x10237] = {"main at rogue.cpp:45"};
  EXPECT_THAT(words(kReport), testing::HasSubstr("  #1 0x10314 "));
}

TEST_F(SymbolizerTest, leaves_out_a_link_register_that_the_next_frame_says) {
  auto lines = kReport;
  lines[6] = "granary: silo rogue: lr 0x10314, 0x314 bytes into region text (read-execute)";
  const std::string text = words(lines);
  EXPECT_THAT(text, testing::HasSubstr("  #1 0x10314 "));
  EXPECT_THAT(text, testing::Not(testing::HasSubstr("  #2 ")));
}

TEST_F(SymbolizerTest, reads_a_console_with_a_prompt_and_two_reports_mixed) {
  std::vector<std::string> mixed;
  for (std::string line : kReport) {
    mixed.push_back("granary> \r\x1b[K" + line + "\r");
    mixed.push_back("[sensor] hello");
    if (const std::size_t at = line.find("rogue"); at != std::string::npos) {
      line.replace(at, 5, "other");
      mixed.push_back(line);
    }
  }
  const std::string text = words(mixed);
  EXPECT_THAT(text, testing::HasSubstr("crash of silo rogue: thread main"));
  EXPECT_THAT(text, testing::HasSubstr("crash of silo other: thread main"));
  EXPECT_EQ(asked.size(), 8u);
}

TEST_F(SymbolizerTest, tells_of_a_report_whose_end_is_missing) {
  auto lines = kReport;
  lines.resize(6);
  EXPECT_EQ(words(lines), "");
  symbolizer.finish();
  EXPECT_THAT(out.str(), testing::HasSubstr("#0 0x102a4 attack at rogue.cpp:28"));
}

TEST_F(SymbolizerTest, gives_an_abort_its_functions_when_the_kernel_says_that_the_silo_has_ended) {
  EXPECT_EQ(words({"[rogue] aborted at 0x10238 0x10314"}), "");
  EXPECT_EQ(words({"granary: silo other has ended with status 134", "granary: silo rogue has ended with status 1"}),
            "");
  EXPECT_EQ(words({"granary: silo rogue has ended with status 134"}),
            "abort of silo rogue:\n  #0 0x10238 leaf at leaf.cpp:3\n  #1 0x10314 granary_main at startup.cpp:35\n");
  EXPECT_EQ(words({"granary: silo rogue has ended with status 134"}), "") << "once";
  EXPECT_EQ(asked[0].first, "rogue");
}

TEST_F(SymbolizerTest, an_abort_of_another_image_is_looked_up_in_that_one) {
  static_cast<void>(words({"granary: silo rogue gets image newer, by silo boss", "[rogue] aborted at 0x10238",
                           "granary: silo rogue has ended with status 134"}));
  static_cast<void>(words({"granary: silo rogue gets image main, by silo boss", "[rogue] aborted at 0x10314",
                           "granary: silo rogue has ended with status 134"}));
  EXPECT_EQ(asked, (std::vector<std::pair<std::string, std::uint64_t>>{{"rogue/newer", 0x10237}, {"rogue", 0x10313}}));
}

TEST_F(SymbolizerTest, hostile_a_silo_says_only_of_itself_where_it_aborted) {
  std::string many = "[rogue] aborted at";
  for (int i = 0; i < 1000; ++i) many += " 0x1";
  EXPECT_EQ(
      words({"[rogue] [other] aborted at 0x10238", "[rogue] granary: silo other has ended with status 134",
             "[../../x] aborted at 0x10238", "granary: silo ../../x has ended with status 134",
             "granary: silo other has ended with status 134", "[rogue] aborted at zz 0x", "[rogue] aborted at 0x"}),
      "");
  EXPECT_TRUE(asked.empty());
  static_cast<void>(words({many, "granary: silo rogue has ended with status 134"}));
  EXPECT_EQ(asked.size(), 16u) << "no more programs are started for a line";
}

TEST_F(SymbolizerTest, tells_where_the_kernel_has_died) {
  known[0x4000010d48] = {"take at ipc/message_pool.cpp:25"};
  EXPECT_EQ(words({"granary: | pc 0x0000004000010d48 sp 0x000000400006e860 spsr 0x600003c9",
                   "granary: | x28 0x0000000000000000 x29 0x000000400006e860 x30 0x0000004000010bd8",
                   "granary: DEAD: synchronous exception in the kernel: brk instruction, core 0"}),
            "death of the kernel: synchronous exception in the kernel: brk instruction, core 0\n"
            "  pc 0x4000010d48 take at ipc/message_pool.cpp:25\n"
            "  x30 0x4000010bd8 (not in a function of the program)\n");
  EXPECT_EQ(asked[0].first, "") << "the kernel";
}

TEST_F(SymbolizerTest, hostile_a_silo_cannot_print_a_report) {
  std::vector<std::string> printed;
  for (const std::string& line : kReport) printed.push_back("[rogue] " + line);
  EXPECT_EQ(words(printed), "");
  symbolizer.finish();
  EXPECT_EQ(out.str(), "");
  EXPECT_TRUE(asked.empty());
}

TEST_F(SymbolizerTest, hostile_names_and_numbers_lead_nowhere) {
  static_cast<void>(words({"granary: silo ../../etc/passwd stopped: it", "granary: silo ../../etc/passwd: #0 0x10",
                           "granary: silo ../../etc/passwd: end of the report", "granary: silo x stopped: it",
                           "granary: silo x: #0 0xzz", "granary: silo x: #0", "granary: silo x: lr ",
                           "granary: silo x: # 0x", "granary: silo : #0 0x10", "granary: silo x: end of the report"}));
  EXPECT_TRUE(asked.empty());
}

TEST_F(SymbolizerTest, survives_any_text) {
  std::mt19937 random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string line = kReport[random() % kReport.size()];
    for (unsigned change = random() % 5; change > 0; --change)
      line[random() % line.size()] = static_cast<char>(random());
    line.resize(random() % (line.size() + 1));
    symbolizer.take(line);
  }
  symbolizer.finish();
}

TEST(WithoutPlace, names_files_as_seen_from_here_and_other_ones_in_full) {
  EXPECT_EQ(without_place("main at /home/ada/demo/window.cpp:9", "/home/ada/demo"), "main at window.cpp:9");
  EXPECT_EQ(without_place("main at /home/ada/demo/window.cpp:9", "/tmp"), "main at /home/ada/demo/window.cpp:9");
  EXPECT_EQ(without_place("stop at ./silos/sdk/error.cpp:4", "/tmp"), "stop at silos/sdk/error.cpp:4");
  EXPECT_EQ(without_place("f(int) at ?:?", "/"), "f(int) at ?:?");
}

TEST(WithoutPlace, of_a_kernel_names_its_files_from_its_own_top) {
  EXPECT_EQ(without_place_of_kernel("die at /home/kernel/granary/kernel/base/die.cpp:9"),
            "die at kernel/base/die.cpp:9");
  EXPECT_EQ(without_place_of_kernel("f at /a/b/hal/gic/gic_v2.cpp:9"), "f at hal/gic/gic_v2.cpp:9");
  EXPECT_EQ(without_place_of_kernel("f at kernel/base/die.cpp:9"), "f at kernel/base/die.cpp:9");
  EXPECT_EQ(without_place_of_kernel("f at ./kernel/base/die.cpp:9"), "f at kernel/base/die.cpp:9");
  EXPECT_EQ(without_place_of_kernel("f at /usr/include/c++/12/array:9"), "f at /usr/include/c++/12/array:9");
}

TEST(FindByAddr2line, a_program_that_is_not_there_has_no_functions) {
  EXPECT_TRUE(find_by_addr2line("/nowhere", "", "addr2line")("rogue", 0x10000).empty());
}

}  // namespace
}  // namespace tool
