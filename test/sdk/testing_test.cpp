// SPDX-License-Identifier: Apache-2.0
//
// The checks of silos that test others: what they print, count and give. They are counted in one process for all, so
// this is one test, in the order of a silo's main().
#include "granary/testing.hpp"

#include "test/sdk/console_world.hpp"

namespace granary {
namespace {

using namespace std::chrono_literals;

std::string printed_by(const std::function<void()>& does) {
  ::testing::internal::CaptureStdout();
  does();
  std::fflush(stdout);
  return ::testing::internal::GetCapturedStdout();
}

TEST(SiloTesting, checks_are_printed_counted_and_told) {
  EXPECT_EQ(printed_by([] { EXPECT_EQ(testing::finish(), 1); }), "1..0\n# no check was made\n");

  EXPECT_EQ(printed_by([] {
              testing::section("sums");
              EXPECT_TRUE(testing::check(true, "one is one"));
              EXPECT_TRUE(testing::equal(std::uint64_t{30}, 30, "numbers of different types"));
              EXPECT_TRUE(testing::equal("abc", std::string_view("abc"), "texts"));
              EXPECT_TRUE(testing::ok(Result<int>(4), "a result"));
              EXPECT_TRUE(testing::error(Result<void>(kTimedOut), kTimedOut, "an error"));
              EXPECT_TRUE(testing::eventually(
                  1s, [] { return true; }, "in time"));
            }),
            "# sums\nok 1 - one is one\nok 2 - numbers of different types\nok 3 - texts\nok 4 - a result\nok 5 - an "
            "error\nok 6 - in time\n");

  const auto here = [](unsigned line, const std::string& why) {
    return "# testing_test.cpp:" + std::to_string(line) + ": " + why + "\n";
  };
  bool any = false;
  constexpr unsigned kLine = __LINE__ + 1;
  const auto failing = [&] {
    any |= testing::check(false, "a");
    any |= testing::equal(30, 31u, "b");
    any |= testing::equal(-1, ~std::uint64_t{0}, "c");
    any |= testing::ok(Result<int>(Error(32, SystemCall::PORT_CALL)), "d");
    any |= testing::error(Result<int>(3), kPeerGone, "e");
    any |= testing::error(Result<int>(kTimedOut), kPeerGone, "f");
  };
  EXPECT_EQ(printed_by(failing), "not ok 7 - a\n" + here(kLine + 1, "it does not hold") + "not ok 8 - b\n" +
                                     here(kLine + 2, "wanted 31, got 30") + "not ok 9 - c\n" +
                                     here(kLine + 3, "wanted 18446744073709551615, got -1") + "not ok 10 - d\n" +
                                     here(kLine + 4, "wanted success, got EPIPE of PORT_CALL") + "not ok 11 - e\n" +
                                     here(kLine + 5, "wanted EPIPE, got success") + "not ok 12 - f\n" +
                                     here(kLine + 6, "wanted EPIPE, got ETIMEDOUT"));

  EXPECT_FALSE(any);

  EXPECT_EQ(printed_by([] {
              EXPECT_EQ(granary_test_status(GRANARY_EPIPE, GRANARY_EPIPE, "g", "x.c", 1), 1);
              EXPECT_EQ(granary_test_status(GRANARY_OK, GRANARY_EPIPE, "h", "folder/x.c", 7), 0);
              EXPECT_EQ(granary_test_equal(1, 1, "i", "x.c", 1), 1);
            }),
            "ok 13 - g\nnot ok 14 - h\n# x.c:7: wanted EPIPE, got success\nok 15 - i\n");

  EXPECT_EQ(printed_by([] { EXPECT_EQ(testing::finish(System(0x70)), 7); }), "1..15\n# 8 passed, 7 failed\n");
  EXPECT_EQ(sdk_host::verdict.system, 0x70u);
  EXPECT_EQ(sdk_host::verdict.status, 7u);
}

}  // namespace
}  // namespace granary
