// SPDX-License-Identifier: Apache-2.0
//
// The explanation of a fault: what it says, in which order, that nobody waits for it, and that nothing is lost of it.
#include "test/fakes/kernel_world.hpp"

#include "kernel/core_file.hpp"
#include "kernel/explanation.hpp"
#include "test/fakes/silo_memory_writer.hpp"

namespace kernel {
namespace {

using abi::SystemCall;
using testing::HasSubstr;
using testing::Not;

struct ExplanationTest : fakes::KernelWorld {
  Thread& rogue = add_program("rogue", 20);
  Thread& worker = add_thread(rogue.silo().id, "worker", 5);
  Thread& other = add_program("other", 10);

  ~ExplanationTest() override {
    set_core_files(false);
    fakes::set_console_room(~std::uint64_t{0});
  }
  std::string explained(std::uint64_t address = 0x5000) {
    start();
    fakes::take_console();
    fault(read_fault(address));
    for (int i = 0; i < 1000 && this_core().has_work(); ++i) pass(kFrequency / 10000);
    return console();
  }
};

TEST_F(ExplanationTest, says_registers_callers_and_threads) {
  start();
  fakes::take_console();
  ASSERT_TRUE(is_running(rogue));
  for (unsigned i = 0; i < 31; ++i) rogue.general[i] = 0x100 + i;
  rogue.program_counter = kText + 4;
  rogue.stack_pointer = kStack + 0x1f00;
  rogue.general[30] = kText + 0x20;
  rogue.general[29] = kStack + 0x1f00;
  fakes::poke(rogue.silo(), kStack + 0x1f00, 0);
  fakes::poke(rogue.silo(), kStack + 0x1f08, kText + 0x40);
  fault(read_fault(0x5000));
  for (int i = 0; i < 1000 && this_core().has_work(); ++i) pass(kFrequency / 10000);
  const std::string text = console();
  const std::string silo = "granary: silo rogue: ";
  std::size_t at = 0;
  for (const std::string& line :
       {std::string("granary: silo rogue stopped: thread rogue: 8-byte read into x3 at 0x5000"),
        silo + "  x0 0x0000000000000100  x1 0x0000000000000101  x2 0x0000000000000102  x3 0x0000000000000103\r\n",
        silo + "  x8 0x0000000000000108  x9 0x0000000000000109 x10 0x000000000000010a x11 0x000000000000010b\r\n",
        silo + " x28 0x000000000000011c x29 0x0000000000101f00 x30 0x0000000000010020  sp 0x0000000000101f00\r\n",
        silo + "  pc 0x0000000000010004 pstate ", silo + "#0 0x10004, 0x4 bytes into region text (read-execute)\r\n",
        silo + "lr 0x10020, 0x20 bytes into region text (read-execute)\r\n",
        silo + "#1 0x10040, 0x40 bytes into region text (read-execute)\r\n",
        silo + "end of the calls: the outermost\r\n", silo + "thread worker was at 0x10000, ",
        silo + "end of the report\r\n"}) {
    const std::size_t found = text.find(line, at);
    EXPECT_NE(found, std::string::npos) << line << "\nin\n" << text;
    if (found != std::string::npos) at = found;
  }
  EXPECT_FALSE(is_being_explained(rogue.silo()));
}

TEST_F(ExplanationTest, names_the_silo_that_has_something_there) {
  ASSERT_TRUE(add_region(other.silo().id, {.address = base::SiloAddress(0x800000),
                                           .size = base::PageCount(1),
                                           .access = port::Access::ReadWrite,
                                           .data = {},
                                           .name = "heap"})
                  .ok());
  EXPECT_THAT(explained(0x800010),
              HasSubstr("granary: silo rogue: 0x800010 is in region heap of silo other: not its own\r\n"));
}

TEST_F(ExplanationTest, names_no_other_silo_for_what_is_its_own) {
  EXPECT_THAT(explained(kText), Not(HasSubstr("not its own"))) << "every silo has text there";
}

TEST_F(ExplanationTest, a_thread_that_is_ready_does_not_wait_for_it) {
  start();
  fakes::set_clock_step(40);
  fault(read_fault(0x5000));
  fakes::set_clock_step(0);
  EXPECT_TRUE(is_running(other));
  EXPECT_TRUE(is_being_explained(rogue.silo()));
  EXPECT_EQ(rogue.silo().live_threads(), 0u) << "those who waited for the silo have been told";
  EXPECT_EQ(rogue.silo().capabilities.live(), 0u);
}

TEST_F(ExplanationTest, waits_for_room_on_the_console_and_loses_nothing) {
  set_core_files(true);
  for (std::uint64_t at = kStack; at < kStack + kStackBytes; at += 64) fakes::poke(rogue.silo(), at, at);
  start();
  set_console_mode(ConsoleMode::Buffered);
  fakes::take_console();
  fakes::set_console_room(0);
  fault(read_fault(0x5000));
  for (int i = 0; i < 2000; ++i) pass(kFrequency / 10000);
  EXPECT_TRUE(is_being_explained(rogue.silo()));
  EXPECT_TRUE(is_running(other));
  EXPECT_FALSE(this_core().armed().is_forever()) << "it looks again";
  std::string text;
  for (int i = 0; i < 200000 && is_being_explained(rogue.silo()); ++i) {
    fakes::set_console_room(50);
    pass(kFrequency / 1000);
    text += fakes::take_console();
  }
  EXPECT_FALSE(is_being_explained(rogue.silo()));
  fakes::set_console_room(~std::uint64_t{0});
  text += console();
  EXPECT_THAT(text, Not(HasSubstr("lost")));
  EXPECT_THAT(text, HasSubstr("end of the report"));
  std::size_t at = 0;
  for (unsigned line = 0; line < 75; ++line) {
    at = text.find("granary: core 0." + std::to_string(line) + " ", at);
    ASSERT_NE(at, std::string::npos) << "line " << line;
  }
}

TEST_F(ExplanationTest, gives_up_on_a_console_that_takes_nothing) {
  set_core_files(true);
  for (std::uint64_t at = kStack; at < kStack + kStackBytes; at += 64) fakes::poke(rogue.silo(), at, at);
  start();
  set_console_mode(ConsoleMode::Buffered);
  fakes::set_console_room(0);
  fault(read_fault(0x5000));
  for (int i = 0; i < 100; ++i) pass(kFrequency / 100);
  EXPECT_TRUE(is_being_explained(rogue.silo()));
  for (int i = 0; i < 1100; ++i) pass(kFrequency / 100);
  EXPECT_FALSE(is_being_explained(rogue.silo()));
}

TEST_F(ExplanationTest, is_told_in_full_before_the_machine_ends) {
  set_core_files(true);
  set_once(true);
  start();
  fakes::set_clock_step(40);
  fault(read_fault(0x5000));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_being_explained(rogue.silo()));
  EXPECT_THROW(call(SystemCall::EXIT, {.x1 = 0}), fakes::PoweredOff);
  const std::string text = fakes::take_console();
  const std::size_t end = text.find("granary: silo rogue: end of the report");
  EXPECT_NE(end, std::string::npos);
  EXPECT_THAT(text.substr(end), HasSubstr("granary: verdict"));
  EXPECT_THAT(text, HasSubstr("granary: core 0.0 B"));
  EXPECT_THAT(text, HasSubstr(" E "));
}

TEST_F(ExplanationTest, two_silos_are_explained_one_after_the_other) {
  start();
  fakes::take_console();
  fakes::set_clock_step(40);
  fault(read_fault(0x5000));
  ASSERT_TRUE(is_running(other));
  fakes::set_clock_step(0);
  EXPECT_THROW(fault(read_fault(0x6000)), fakes::IdleForever);
  const std::string text = console();
  EXPECT_LT(text.find("silo rogue: end of the report"), text.find("silo other: #0"));
  EXPECT_THAT(text, HasSubstr("silo other: end of the report"));
}

TEST_F(ExplanationTest, floating_point_of_a_dead_thread_is_in_the_core_file) {
  set_core_files(true);
  start();
  use_floating_point();
  fakes::floating_point_registers().vector[3] = 0x1234;
  fault(read_fault(0x5000));
  EXPECT_EQ(rogue.floating_point.vector[3], 0x1234u);
}

TEST_F(ExplanationTest, a_silo_that_faults_again_at_once_is_not_explained_again) {
  start();
  rogue.silo().last_explained = base::Ticks(clock() + 1);
  fakes::advance(kFrequency / 2);
  fakes::take_console();
  fault(read_fault(0x5000));
  std::string text = console();
  EXPECT_THAT(text, HasSubstr("granary: silo rogue stopped: thread rogue"));
  EXPECT_THAT(text, HasSubstr("granary: silo rogue: end of the report: the last one was less than a second ago"));
  EXPECT_THAT(text, Not(HasSubstr("#0")));
  other.silo().last_explained = base::Ticks(clock() - kFrequency);
  EXPECT_THROW(fault(read_fault(0x6000)), fakes::IdleForever);
  EXPECT_THAT(console(), HasSubstr("silo other: #0"));
}

struct ExplanationOfRestartTest : fakes::KernelWorld {
  Thread& phoenix = make_phoenix(abi::RestartMode::Always);
  Thread& other = add_program("other", 30);
  Thread& make_phoenix(abi::RestartMode mode) {
    restart = {.mode = mode};
    Thread& made = add_program("phoenix", 20);
    restart = {};
    return made;
  }
};

TEST_F(ExplanationOfRestartTest, a_silo_does_not_come_back_before_it_is_explained) {
  start();
  call(SystemCall::SLEEP_UNTIL, {.deadline = clock() + 100});
  ASSERT_TRUE(is_running(phoenix));
  fakes::poke(phoenix.silo(), kStack + 0x1f08, kText + 0x40);
  phoenix.general[29] = kStack + 0x1f00;
  set_core_files(true);
  fakes::take_console();
  fakes::set_clock_step(40);
  fault(read_fault(0x5000));
  fakes::set_clock_step(0);
  ASSERT_TRUE(is_running(other)) << "which is more urgent";
  ASSERT_TRUE(is_being_explained(phoenix.silo()));
  for (int i = 0; i < 1000 && is_being_explained(phoenix.silo()); ++i) {
    EXPECT_EQ(phoenix.silo().state(), abi::SiloState::Faulted);
    pass(kFrequency / 10000);
  }
  for (int i = 0; i < 1000 && this_core().has_work(); ++i) pass(kFrequency / 10000);
  set_core_files(false);
  EXPECT_EQ(phoenix.silo().state(), abi::SiloState::Running);
  const std::string text = console();
  EXPECT_THAT(text, HasSubstr("silo phoenix: #1 0x10040, ")) << "its stack was still there";
  EXPECT_LT(text.find(" M 101f00 "), text.find("silo phoenix: end of the report"));
  EXPECT_LT(text.find("silo phoenix: end of the report"), text.find("silo phoenix runs again"));
}

TEST_F(ExplanationTest, a_silo_that_ends_by_itself_is_not_explained) {
  start();
  fakes::take_console();
  call(SystemCall::EXIT, {.x1 = 3});
  EXPECT_THAT(console(), Not(HasSubstr("end of the report")));
}

}  // namespace
}  // namespace kernel
