// SPDX-License-Identifier: Apache-2.0
//
// A silo has the console's transmitter: the kernel keeps its hands off, loses nothing that was not said to be printed,
// and has it back when the silo stops or the machine ends.
#include "test/fakes/kernel_world.hpp"

#include "kernel/event_objects.hpp"
#include "kernel/verdict.hpp"

namespace kernel {
namespace {

using abi::Right;
using abi::SystemCall;
using base::Error;

struct ConsoleCallsTest : fakes::KernelWorld {
  Thread& driver = (quotas[abi::QuotaKind::Bindings] = 64, add_program("driver", 40));
  Thread& printer = add_program("printer", 20);
  std::uint32_t bell = add_notification("bell");
  std::uint64_t own = grant(driver, abi::ObjectType::Console, 0, {Right::ConsoleWrite, Right::ConsoleOwn});
  std::uint64_t signal = grant(driver, abi::ObjectType::Notification, bell, {Right::NotificationSignal});
  std::uint64_t wait = grant(driver, abi::ObjectType::Notification, bell, {Right::NotificationWait});
  std::uint64_t print = grant(printer, abi::ObjectType::Console, 0, {Right::ConsoleWrite});
  std::uint64_t printers_signal = grant(printer, abi::ObjectType::Notification, bell, {Right::NotificationSignal});

  void take() {
    start();
    ASSERT_TRUE(is_running(driver));
    fakes::take_console();
    ASSERT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {signal, 4}}), 0);
  }
  void wait_for_the_bell() { call(SystemCall::NOTIFICATION_WAIT, {.handle = wait, .words = {~std::uint64_t{0}}}); }
  void sleep() { call(SystemCall::SLEEP_UNTIL, {.deadline = kForever}); }
  /// The running thread prints; all of it is taken.
  std::int64_t write(std::string_view text) {
    std::uint64_t words[8] = {};
    std::memcpy(words, text.data(), text.size());
    return status_of(SystemCall::CONSOLE_WRITE,
                     {.handle = is_running(driver) ? own : print, .x1 = text.size(), .words = {words, words + 8}});
  }
  /// What the driver reads behind a position, and where it ends.
  std::string read(std::uint64_t& position) {
    EXPECT_TRUE(is_running(driver));
    EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = own, .words = {position}}), 0);
    const std::uint64_t bytes = driver.general[3];
    position = driver.general[4] + bytes;
    return std::string(reinterpret_cast<const char*>(&driver.message_page()), bytes);
  }
};

TEST_F(ConsoleCallsTest, what_is_printed_wakes_the_owner_who_reads_it_and_the_kernel_transmits_nothing) {
  take();
  wait_for_the_bell();
  ASSERT_TRUE(is_running(printer));
  EXPECT_EQ(write("hello"), 0) << "no whole line yet";
  ASSERT_TRUE(is_running(printer));
  write("\n");
  ASSERT_TRUE(is_running(driver)) << "at once, it is more urgent";
  EXPECT_EQ(driver.general[3], 4u);
  std::uint64_t at = 0;
  EXPECT_EQ(read(at), "[printer] hello\n");
  EXPECT_EQ(read(at), "");
  wait_for_the_bell();
  EXPECT_TRUE(is_running(printer)) << "nothing new";
  EXPECT_EQ(fakes::take_console(), "");
  EXPECT_EQ(fakes::console_taken_back(), 0u);
}

TEST_F(ConsoleCallsTest, what_waited_for_the_transmitter_before_is_told_at_once) {
  fakes::set_console_room(3);
  start();
  write("from before\n");
  ASSERT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {signal, 4}}), 0);
  wait_for_the_bell();
  ASSERT_TRUE(is_running(driver));
  std::uint64_t at = 0;
  EXPECT_EQ(read(at), "iver] from before\n") << "the first three are out";
  fakes::set_console_room(~std::uint64_t{0});
}

TEST_F(ConsoleCallsTest, a_line_that_was_not_said_to_be_printed_is_printed_by_the_kernel_when_the_owner_stops) {
  take();
  write("one\ntwo\nthree\n");
  std::uint64_t at = 0;
  const std::string text = read(at);
  EXPECT_EQ(text, "[driver] one\n[driver] two\n[driver] three\n");
  std::uint64_t printed = at - text.size() + 20;  // in the middle of the second line
  read(printed);
  call(SystemCall::EXIT, {.x1 = 3});
  EXPECT_EQ(fakes::console_taken_back(), 1u);
  EXPECT_EQ(console(), "\r\n[driver] two\r\n[driver] three\r\ngranary: silo driver has ended with status 3\r\n")
      << "a line of its own, from its beginning";
  ASSERT_TRUE(is_running(printer));
  write("as before\n");
  EXPECT_EQ(console(), "[printer] as before\r\n");
}

TEST_F(ConsoleCallsTest, a_fault_of_the_owner_gives_it_back_too) {
  take();
  write("last\n");
  fault(read_fault(0x123));
  EXPECT_THAT(console(), testing::StartsWith("\r\n[driver] last\r\n"));
  EXPECT_FALSE(console_owner().has_value());
}

TEST_F(ConsoleCallsTest, the_end_of_another_silo_leaves_it) {
  take();
  wait_for_the_bell();
  call(SystemCall::EXIT, {.x1 = 1});
  ASSERT_TRUE(is_running(driver));
  std::uint64_t at = 0;
  EXPECT_EQ(read(at), "granary: silo printer has ended with status 1\n");
  EXPECT_EQ(console_owner(), driver.silo().id);
}

TEST_F(ConsoleCallsTest, a_verdict_that_ends_the_machine_takes_it_back_and_prints_what_is_pending) {
  set_once(true);
  take();
  write("pending\n");
  EXPECT_THROW(give_verdict(0), fakes::PoweredOff);
  EXPECT_EQ(fakes::take_console(), "\r\n[driver] pending\r\ngranary: verdict: status 0 (passed)\r\n");
  EXPECT_EQ(fakes::console_taken_back(), 1u);
}

TEST_F(ConsoleCallsTest, a_verdict_that_does_not_end_it_is_a_line_like_others) {
  take();
  give_verdict(1);
  EXPECT_EQ(fakes::take_console(), "");
  std::uint64_t at = 0;
  EXPECT_EQ(read(at), "granary: verdict: status 1 (failed)\n");
}

TEST_F(ConsoleCallsTest, after_it_was_taken_back_there_is_nothing_to_read) {
  take();
  set_console_mode(ConsoleMode::Synchronous);
  set_console_mode(ConsoleMode::Buffered);
  EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = own, .words = {0}}), minus(Error::EPIPE));
}

TEST_F(ConsoleCallsTest, refusals_change_nothing) {
  const std::uint64_t another = grant(printer, abi::ObjectType::Console, 0, {Right::ConsoleOwn});
  start();
  EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = own, .words = {0}}), minus(Error::EPIPE)) << "not taken yet";
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {signal, 0}}), minus(Error::EINVAL));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {wait, 1}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {0, 1}}), minus(Error::EBADF));
  EXPECT_FALSE(console_owner().has_value());
  ASSERT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {signal, 4}}), 0);
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = own, .words = {signal, 4}}), minus(Error::EEXIST));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = own, .words = {1'000'000}}), minus(Error::EINVAL))
      << "nobody has been given that yet";
  std::uint64_t at = 0;
  while (!read(at).empty()) {
  }
  sleep();
  ASSERT_TRUE(is_running(printer));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = print, .words = {printers_signal, 1}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = print, .words = {0}}), minus(Error::EPERM));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = another, .words = {printers_signal, 1}}),
            minus(Error::EBUSY));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_READ, {.handle = another, .words = {0}}), minus(Error::EPIPE));
  EXPECT_EQ(console_owner(), driver.silo().id);
}

TEST_F(ConsoleCallsTest, without_a_binding_in_its_quota_it_gets_nothing) {
  quotas[abi::QuotaKind::Bindings] = 0;
  Thread& poor = add_program("poor", 50);
  const std::uint64_t console_of_poor = grant(poor, abi::ObjectType::Console, 0, {Right::ConsoleOwn});
  const std::uint64_t bell_of_poor = grant(poor, abi::ObjectType::Notification, bell, {Right::NotificationSignal});
  start();
  ASSERT_TRUE(is_running(poor));
  EXPECT_EQ(status_of(SystemCall::CONSOLE_TAKE, {.handle = console_of_poor, .words = {bell_of_poor, 1}}),
            minus(Error::EDQUOT));
  EXPECT_FALSE(console_owner().has_value());
}

TEST_F(ConsoleCallsTest, while_the_owner_reads_silos_wait_for_room_and_the_kernels_lines_take_the_oldest_ones) {
  take();
  std::int64_t status = 0;
  unsigned lines = 0;
  for (; lines < 1000; ++lines) {
    status = write("0123456789\n");
    if (status != 0) break;
  }
  EXPECT_EQ(status, minus(Error::EAGAIN));
  std::uint64_t at = 0;
  EXPECT_EQ(read(at).size(), abi::kConsoleReadMaximum);
  EXPECT_EQ(driver.general[5], 0u) << "none lost";
  for (int i = 0; i < 400; ++i) log("01234567890123456789 {}", i);
  std::string rest;
  for (std::string more = read(at); !more.empty(); more = read(at)) rest += more;
  EXPECT_GT(driver.general[5], 0u);
  EXPECT_THAT(rest, testing::StartsWith("[driver] 0123456789\n")) << "only whole lines are lost";
  EXPECT_THAT(rest, testing::EndsWith("granary: 01234567890123456789 399\n"));
}

TEST_F(ConsoleCallsTest, a_ring_that_nobody_reads_loses_the_oldest_whole_lines_and_counts_them) {
  take();
  while (write("0123456789\n") == 0) {
  }
  fakes::advance(2 * kFrequency);
  EXPECT_EQ(write("the newest\n"), 0);
  std::uint64_t at = 0;
  std::string all = read(at);
  EXPECT_GT(driver.general[5], 0u);
  EXPECT_LT(driver.general[5], 10u) << "no more than the room of what came, with the end of the line that waited";
  EXPECT_EQ(all.substr(0, 20), "[driver] 0123456789\n");
  for (std::string more = read(at); !more.empty(); more = read(at)) all += more;
  EXPECT_THAT(all, testing::EndsWith("the newest\n"));
}

}  // namespace
}  // namespace kernel
