// SPDX-License-Identifier: Apache-2.0
//
// The log: what a line says, which lines there are, and that none is lost without a word.
#include "granary/log.hpp"

#include <cmath>

#include "console_output.hpp"
#include "granary/clock.hpp"
#include "test/sdk/console_world.hpp"

namespace granary {
namespace {

using namespace std::chrono_literals;
using sdk_host::FakeConsole;

class LogTest : public testing::Test {
 protected:
  LogTest() { set_log_level(LogLevel::Trace); }
  ~LogTest() override { set_log_level(LogLevel::Info); }
  std::string take() { return std::exchange(console.printed, ""); }

  FakeConsole console;
  static constexpr Log<LogLevel::Trace> log{"window"};
};

TEST_F(LogTest, a_line_has_level_tag_and_text) {
  log.error("it is {} degrees", 31);
  EXPECT_EQ(take(), "error window: it is 31 degrees\n");
  log.warning("a");
  log.info("b");
  log.debug("c");
  log.trace("d");
  EXPECT_EQ(take(), "warning window: a\ninfo window: b\ndebug window: c\ntrace window: d\n");
  Log{""}.info("nameless");
  EXPECT_EQ(take(), "info: nameless\n");
}

TEST_F(LogTest, everything_that_can_be_printed) {
  log.info("{} {} {} {}", -5, 7u, std::int64_t{INT64_MIN}, UINT64_MAX);
  EXPECT_EQ(take(), "info window: -5 7 -9223372036854775808 18446744073709551615\n");
  log.info("{:x} {:x} {}", 0xbeefu, std::int8_t{-1}, reinterpret_cast<const void*>(0x1000));
  EXPECT_EQ(take(), "info window: beef ffffffffffffffff 0x1000\n");
  log.info("{} {} {} {} {}", true, 'x', "text", std::string_view("view"), static_cast<const char*>(nullptr));
  EXPECT_EQ(take(), "info window: true x text view (null)\n");
  log.info("{} {} {} {}", 3ns, 10ms, 2s, std::chrono::hours(1));
  EXPECT_EQ(take(), "info window: 3ns 10ms 2s 1h\n");
  log.info("{} {} {{}}", kTimedOut, abi::SiloState::Faulted);
  EXPECT_EQ(take(), "info window: ETIMEDOUT " + std::to_string(static_cast<int>(abi::SiloState::Faulted)) + " {}\n");
}

TEST_F(LogTest, floating_point_numbers) {
  log.info("{} {:.0} {:.1} {:.2}", 1.5, 2.5f, -0.04, 99.999);
  EXPECT_EQ(take(), "info window: 1.500 3 -0.0 100.00\n");
  log.info("{:.3} {} {} {}", 0.0625, 1e300, -INFINITY, NAN);
  const std::string line = take();
  EXPECT_EQ(line.substr(0, 20), "info window: 0.063 1");
  EXPECT_NE(line.find("e29"), std::string::npos) << line;
  EXPECT_NE(line.find(" -inf nan\n"), std::string::npos) << line;
}

TEST_F(LogTest, levels_below_the_threshold_are_not_printed) {
  set_log_level(LogLevel::Warning);
  log.info("no");
  log.warning("yes");
  granary_log_line(GRANARY_LOG_DEBUG, "c", "no");
  granary_log_line(GRANARY_LOG_ERROR, "c", "yes");
  EXPECT_EQ(take(), "warning window: yes\nerror c: yes\n");
  set_log_level(LogLevel::Off);
  log.error("no");
  EXPECT_EQ(take(), "");
  constexpr Log<LogLevel::Error> quiet{"quiet"};
  set_log_level(LogLevel::Trace);
  quiet.warning("not compiled");
  EXPECT_EQ(take(), "");
}

TEST_F(LogTest, the_form_for_C_is_printf) {
  granary_log_line(GRANARY_LOG_INFO, "c", "%d and %s\n", 42, "text");
  EXPECT_EQ(take(), "info c: 42 and text\n");
}

TEST_F(LogTest, a_line_that_is_too_long_says_that_it_was_cut) {
  log.info("{}", std::string(300, 'x').c_str());
  const std::string line = take();
  EXPECT_EQ(line.size(), GRANARY_LOG_LINE_MAXIMUM + 1u);
  EXPECT_EQ(line.substr(line.size() - 5), "x...\n");
  granary_log_line(GRANARY_LOG_INFO, "", "%s", std::string(300, 'y').c_str());
  EXPECT_EQ(take().substr(GRANARY_LOG_LINE_MAXIMUM - 4), "y...\n");
  log.info("{}", std::string(GRANARY_LOG_LINE_MAXIMUM - 13, 'z').c_str());  // just fits
  EXPECT_EQ(take().substr(GRANARY_LOG_LINE_MAXIMUM - 4), "zzzz\n");
}

TEST_F(LogTest, a_text_from_elsewhere_cannot_forge_a_line) {
  log.info("{}", "harmless\nerror window: forged");
  EXPECT_EQ(take(), "info window: harmless error window: forged\n");
}

TEST_F(LogTest, a_line_that_is_dropped_is_counted_and_told_of) {
  const std::uint64_t before = log_dropped();
  console.room_for_lines = 0;
  log.info("first");   // its end waits for room
  log.info("second");  // dropped
  log.info("third");
  EXPECT_EQ(take(), "");
  EXPECT_EQ(log_dropped() - before, 2u);
  console.room_for_lines = 10;
  log.info("fourth");
  EXPECT_EQ(take(),
            "info window: first\nwarning log: 2 lines were dropped: the console was busy\ninfo window: fourth\n");
  detail::finish_log();
  EXPECT_EQ(take(), "");
}

TEST_F(LogTest, a_long_line_is_kept_whole_too) {
  console.room_for_lines = 0;
  const std::string text(100, 'l');
  log.info("{}", text.c_str());
  EXPECT_EQ(take(), "");
  console.room_for_lines = 1;
  log.info("next");
  EXPECT_EQ(take(), "info window: " + text + "\n");
  console.room_for_lines = 1;
  log.info("after");
  EXPECT_EQ(take(), "info window: next\n");
}

TEST_F(LogTest, what_printf_has_begun_is_not_continued_by_the_log) {
  detail::console_output().put("sixty-four bytes of printf, and more to come");
  log.info("a line");
  EXPECT_EQ(take(), "sixty-four bytes of printf, and more to come\ninfo window: a line\n");
}

TEST_F(LogTest, the_end_of_the_silo_tells_of_what_was_dropped) {
  console.room_for_lines = 0;
  log.info("kept");
  log.info("dropped");
  int pauses = 0;
  console.on_pause = [&] {
    if (++pauses == 3) console.room_for_lines = 5;
  };
  detail::finish_log();
  EXPECT_EQ(take(), "info window: kept\nwarning log: 1 line was dropped: the console was busy\n");
  EXPECT_GE(pauses, 3);
}

TEST_F(LogTest, a_console_that_may_not_be_used_stops_nobody) {
  console.fails_with = kNotPermitted;
  for (int i = 0; i < 3; ++i) log.info("nowhere");
  detail::finish_log();
  EXPECT_EQ(take(), "");
}

}  // namespace
}  // namespace granary
