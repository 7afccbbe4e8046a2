// SPDX-License-Identifier: Apache-2.0
//
// What is refused on the command line is said as everything else is: reason and remedy.
#include "test/fakes/host_prelude.hpp"

// The prelude takes this name from the C library's macros; newer CLI11 asks for it.
#define EINVAL 22
#include <CLI/CLI.hpp>
#undef EINVAL

#include "tools/granary/command_line.hpp"
#include "tools/granary/commands.hpp"
#include "tools/granary/tests/refusal.hpp"

namespace tool {
namespace {

using testing::HasSubstr;

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    app_.require_subcommand(1);
    add_project_commands(app_, commands_);
    add_help_commands(app_, commands_);
  }
  std::string refusal(std::vector<const char*> words) {
    words.insert(words.begin(), "granary");
    Diagnostics diagnostics;
    status_ = read_command_line(app_, static_cast<int>(words.size()), words.data(), diagnostics);
    return test::printed(diagnostics);
  }
  CLI::App app_{"granary", "granary"};
  Commands commands_;
  std::optional<int> status_;
};

TEST_F(CommandLine, that_is_right_is_not_refused) {
  EXPECT_EQ(refusal({"run", "demo", "--smp", "4"}), "");
  EXPECT_FALSE(status_.has_value());
}

TEST_F(CommandLine, names_the_command_that_was_meant) {
  EXPECT_EQ(refusal({"biuld"}), "granary: error: there is no command `biuld`\n  remedy: did you mean `build`?\n");
  EXPECT_EQ(status_, kBadCommandLine);
  EXPECT_THAT(refusal({"sing"}), HasSubstr("remedy: `granary help` lists the commands"));
  EXPECT_THAT(refusal({}), HasSubstr("granary: error: no command is named"));
}

TEST_F(CommandLine, names_the_option_that_was_meant) {
  EXPECT_EQ(refusal({"run", "--onec"}),
            "granary: error: granary run has no option `--onec`\n  remedy: did you mean `--once`?\n");
  EXPECT_EQ(status_, kBadCommandLine);
  EXPECT_THAT(refusal({"run", "--bord=virt"}), HasSubstr("did you mean `--board`?"));
  EXPECT_THAT(refusal({"run", "--colour"}), HasSubstr("`granary help run` says what it takes"));
  EXPECT_THAT(refusal({"--bord"}), HasSubstr("granary has no option `--bord`"));
}

TEST_F(CommandLine, says_what_a_word_or_a_value_is_good_for) {
  EXPECT_THAT(refusal({"run", "demo", "again"}), HasSubstr("granary run has no use for the word `again`"));
  EXPECT_THAT(refusal({"new"}), HasSubstr("granary: error: new: NAME is missing\n  remedy: `granary help new` says"));
  EXPECT_THAT(refusal({"run", "--smp"}), HasSubstr("run: --smp wants a value"));
  EXPECT_THAT(refusal({"run", "--smp", "two"}), HasSubstr("run: --smp"));
  EXPECT_THAT(refusal({"run", "--timeout", "soon"}), HasSubstr("run: --timeout wants a number, and not `soon`"));
  EXPECT_THAT(refusal({"run", "--smp", "9"}), HasSubstr("run: --smp"));
  EXPECT_THAT(refusal({"run", "--board", "pi"}), HasSubstr("virt"));
}

}  // namespace
}  // namespace tool
