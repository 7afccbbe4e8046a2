// SPDX-License-Identifier: Apache-2.0
//
// Starting another program.
#include "test/fakes/host_prelude.hpp"

#include "tools/granary/run_program.hpp"

namespace tool {
namespace {

TEST(RunProgram, gives_what_it_printed) {
  EXPECT_EQ(run_program({"printf", "%s and %s", "one", "two words; $(no) 'shell'"}),
            "one and two words; $(no) 'shell'");
  EXPECT_EQ(run_program({"true"}), "");
  const auto much = run_program({"seq", "100000"});
  ASSERT_TRUE(much);
  EXPECT_EQ(much->size(), 588895u);
}

TEST(RunProgram, gives_nothing_for_one_that_fails_or_is_not_there) {
  EXPECT_EQ(run_program({"false"}), std::nullopt);
  EXPECT_EQ(run_program({"there-is-no-such-program"}), std::nullopt);
  EXPECT_EQ(run_program({}), std::nullopt);
}

}  // namespace
}  // namespace tool
