// SPDX-License-Identifier: Apache-2.0
//
// The last events of a silo, out of a ring that others write and read as well.
#include "test/fakes/kernel_world.hpp"

#include "kernel/last_events.hpp"
#include "kernel/trace.hpp"

namespace kernel {
namespace {

using testing::HasSubstr;

struct LastEventsTest : fakes::KernelWorld {
  Thread& rogue = add_program("rogue", 10);
  Thread& other = add_program("other", 10);

  void turn_on() {
    const Unlocked held = base::hold_nothing(base::TokenSource::interrupts_masked());
    ASSERT_TRUE(back_trace(held).ok());
    set_tracing(true, other);
  }
  ~LastEventsTest() override {
    if (trace_is_on()) set_tracing(false, other);
  }
  std::vector<std::string> words() {
    LastEvents events;
    events.begin(0, rogue.silo().id);
    while (events.find_more()) {
    }
    std::vector<std::string> lines;
    set_console_mode(ConsoleMode::Synchronous);
    fakes::take_console();
    while (events.say_next(rogue.silo())) lines.push_back(fakes::take_console());
    return lines;
  }
};

TEST_F(LastEventsTest, nothing_was_before_the_beginning) { EXPECT_TRUE(words().empty()); }

TEST_F(LastEventsTest, tells_what_is_noted_while_the_kernel_does_not_trace) {
  start();
  ASSERT_TRUE(is_running(rogue));
  EXPECT_EQ(status_of(abi::SystemCall::PORT_SEND, {.handle = 0x40}), minus(base::Error::EBADF));
  EXPECT_EQ(status_of(abi::SystemCall::NULL_CALL), 0) << "which is not told";
  fakes::advance(kFrequency / 1000);
  EXPECT_EQ(status_of(abi::SystemCall::PORT_CREATE), 0);
  EXPECT_EQ(status_of(abi::SystemCall::SEMAPHORE_CREATE, {.words = {~std::uint64_t{0}}}), minus(base::Error::EINVAL));
  rogue.silo().life.ended = base::Ticks(clock() + kFrequency / 1000);
  EXPECT_EQ(words(),
            (std::vector<std::string>{
                "granary: silo rogue: 2000 us before: thread rogue: call 201 is refused, error 9, handle 0x40\r\n",
                "granary: silo rogue: 1000 us before: thread rogue: call 230 is refused, error 22\r\n"}));
}

TEST_F(LastEventsTest, and_when_it_has_begun_again) {
  rogue.silo().noted.add({.time = clock()});
  rogue.silo().life.ended = base::Ticks(clock() + kFrequency / 100);
  EXPECT_EQ(words(), std::vector<std::string>{"granary: silo rogue: 10000 us before: it began\r\n"});
}

TEST_F(LastEventsTest, of_those_the_last_sixteen_whatever_others_do) {
  start();
  for (std::uint64_t i = 0; i < 40; ++i) call_number(1000 + i);
  call(abi::SystemCall::YIELD);
  ASSERT_TRUE(is_running(other));
  for (std::uint64_t i = 0; i < 40; ++i) call_number(2000 + i);
  const auto lines = words();
  ASSERT_EQ(lines.size(), LastEvents::kEventsMaximum);
  EXPECT_THAT(lines.front(), HasSubstr("thread rogue: call 1024 is refused, error 38"));
  EXPECT_THAT(lines.back(), HasSubstr("call 1039 is refused"));
}

TEST_F(LastEventsTest, tells_the_silos_own_from_the_oldest_on) {
  turn_on();
  trace(abi::TraceEvent::SyscallEntry, &rogue, 301, 0x40);
  trace(abi::TraceEvent::SyscallEntry, &other, 302, 0x80);
  fakes::advance(kFrequency / 1000);
  trace(abi::TraceEvent::PageFault, &rogue, 0x5000, 0x10004);
  EXPECT_EQ(words(),
            (std::vector<std::string>{
                "granary: silo rogue: 1000 us before: thread rogue: system call, number 0x12d, handle 0x40\r\n",
                "granary: silo rogue: 0 us before: thread rogue: fault, address 0x5000, pc 0x10004\r\n"}));
  abi::TraceRecord records[2];
  EXPECT_EQ(take_trace(0, records), 2u) << "whoever reads the trace has lost nothing";
}

TEST_F(LastEventsTest, tells_no_more_than_sixteen) {
  turn_on();
  for (std::uint64_t i = 0; i < 40; ++i) trace(abi::TraceEvent::Wake, &rogue, i, 0);
  const auto lines = words();
  ASSERT_EQ(lines.size(), LastEvents::kEventsMaximum);
  EXPECT_THAT(lines.front(), HasSubstr("thread 0x18,")) << "24 to 39";
  EXPECT_THAT(lines.back(), HasSubstr("thread 0x27,"));
}

TEST_F(LastEventsTest, looks_back_so_far_and_no_further) {
  turn_on();
  trace(abi::TraceEvent::Wake, &rogue, 1, 0);
  for (unsigned i = 0; i < LastEvents::kRecordsSearched; ++i) trace(abi::TraceEvent::Wake, &other, 0, 0);
  EXPECT_TRUE(words().empty());
}

TEST_F(LastEventsTest, survives_records_that_are_overwritten_meanwhile) {
  turn_on();
  trace(abi::TraceEvent::Wake, &rogue, 1, 0);
  LastEvents events;
  events.begin(0, rogue.silo().id);
  while (events.find_more()) {
  }
  for (unsigned i = 0; i < abi::kTraceCapacity; ++i) trace(abi::TraceEvent::Wake, &other, 0, 0);
  fakes::take_console();
  EXPECT_TRUE(events.say_next(rogue.silo()));
  EXPECT_FALSE(events.say_next(rogue.silo()));
  EXPECT_EQ(fakes::take_console(), "");
}

TEST_F(LastEventsTest, has_words_for_every_event) {
  turn_on();
  for (std::uint8_t event = 0; event <= static_cast<std::uint8_t>(abi::TraceEvent::TraceOn); ++event) {
    trace(static_cast<abi::TraceEvent>(event), &rogue);
    EXPECT_THAT(words().back(), testing::Not(HasSubstr(": event"))) << int{event};
  }
  trace(static_cast<abi::TraceEvent>(99), &rogue);
  EXPECT_THAT(words().back(), HasSubstr(": event"));
}

}  // namespace
}  // namespace kernel
