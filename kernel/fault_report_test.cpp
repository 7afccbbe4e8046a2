// SPDX-License-Identifier: Apache-2.0
//
// Fault reports: the words, for each kind of place and each kind of access.
#include "test/fakes/kernel_world.hpp"

#include "kernel/fault_report.hpp"
#include "kernel/port/memory_window.hpp"

namespace kernel {
namespace {

using port::FaultAccess;
using port::FaultCause;
using testing::HasSubstr;

struct FaultReportTest : fakes::KernelWorld {
  Thread& main = add_program("rogue", 10);
  Thread& worker = add_thread(main.silo().id, "worker", 10);
  FaultReportTest() { fakes::take_console(); }

  std::string words(port::FaultReport report) {
    report_fault(main.silo(), main, report);
    return fakes::take_console();
  }
  std::string place(std::uint64_t address) {
    const std::string text = words(read_fault(address));
    const std::size_t start = text.find(" is ", text.find('\n')) + 4;
    return text.substr(start, text.find('\r', start) - start);
  }
};

TEST_F(FaultReportTest, is_three_lines_that_need_no_manual) {
  EXPECT_EQ(words(read_fault(kStack - 16, kText + 4)),
            "granary: silo rogue stopped: thread rogue: 8-byte read into x3 at 0xffff0: nothing is mapped there "
            "(translation fault, level 3)\r\n"
            "granary:   0xffff0 is the guard page below the stack of thread rogue: stack overflow\r\n"
            "granary:   at pc 0x10004, 0x4 bytes into region text (read-execute), instruction 0xf9400083\r\n");
}

TEST_F(FaultReportTest, finds_the_place_of_every_address) {
  EXPECT_EQ(place(0), "page 0, which is never mapped: a null pointer");
  EXPECT_EQ(place(0xfff), "page 0, which is never mapped: a null pointer");
  EXPECT_EQ(place(0x1000), "outside of every region, 0xf000 bytes below region text");
  EXPECT_EQ(place(kText), "0x0 bytes into region text (read-execute)");
  EXPECT_EQ(place(kText + 0x1fff), "0x1fff bytes into region text (read-execute)");
  EXPECT_EQ(place(kText + 0x2000), "outside of every region, 0x0 bytes behind the end of region text");
  EXPECT_EQ(place(kStack - 0x1001), "outside of every region, 0x1001 bytes below the stack of thread rogue");
  EXPECT_EQ(place(kStack - 0x1000), "the guard page below the stack of thread rogue: stack overflow");
  EXPECT_EQ(place(kStack - 1), "the guard page below the stack of thread rogue: stack overflow");
  EXPECT_EQ(place(kStack), "0x0 bytes into the stack of thread rogue (read-write)");
  EXPECT_EQ(place(kStack + kStackBytes),
            "outside of every region, 0x0 bytes behind the end of the stack of thread rogue");
  EXPECT_EQ(place(kStack + 0x10000 - 1), "the guard page below the stack of thread worker: stack overflow");
  EXPECT_EQ(place(0x4000'0000),
            "outside of every region, 0x3feee000 bytes behind the end of the stack of thread worker");
  EXPECT_EQ(place(~std::uint64_t{0}),
            "outside of every region, 0xffffffffffeedfff bytes behind the end of the stack of thread worker");
}

TEST_F(FaultReportTest, says_what_kind_of_access_it_was) {
  port::FaultReport report = read_fault(0x5000);
  report.access = FaultAccess::Write;
  report.size = 1;
  report.transfer_register = 31;
  report.cause = FaultCause::Permission;
  EXPECT_THAT(words(report), HasSubstr("1-byte write from xzr at 0x5000: the memory there is read-only"));
  report.access = FaultAccess::Execute;
  report.size = 0;
  EXPECT_THAT(words(report), HasSubstr("thread rogue: execution at 0x5000: the memory there may not be executed"));
  report.access = FaultAccess::Read;
  EXPECT_THAT(words(report), HasSubstr("thread rogue: read at 0x5000: the memory there may not be read"));
  report.access = FaultAccess::None;
  EXPECT_THAT(words(report), HasSubstr("thread rogue: the memory there does not permit it"));
}

TEST_F(FaultReportTest, has_words_for_every_cause) {
  for (const FaultCause cause :
       {FaultCause::Translation, FaultCause::Permission, FaultCause::AddressSize, FaultCause::Alignment,
        FaultCause::UndefinedInstruction, FaultCause::TrappedRegister, FaultCause::Breakpoint,
        FaultCause::FloatingPoint, FaultCause::ExternalAbort, FaultCause::Other}) {
    port::FaultReport report = {};
    report.cause = cause;
    report.program_counter = kText;
    EXPECT_THAT(words(report), testing::Not(HasSubstr("unknown cause")));
    report.cause = cause;
    const std::string text = words(report);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2) << "no address, no line about it";
  }
}

TEST_F(FaultReportTest, survives_a_program_counter_that_leads_nowhere) {
  EXPECT_THAT(words(read_fault(0, 0)), testing::Not(HasSubstr("instruction")));
  EXPECT_THAT(words(read_fault(0, kText + 2)), testing::Not(HasSubstr("instruction")));
  EXPECT_THAT(words(read_fault(0, ~std::uint64_t{3})), testing::Not(HasSubstr("instruction")));
  EXPECT_THAT(words(read_fault(0, kText + 0x1ffc)), HasSubstr("instruction 0x00000000"));
  EXPECT_FALSE(fakes::window_is_open());
}

TEST_F(FaultReportTest, Q2_names_a_device_and_reads_nothing_from_it) {
  ASSERT_TRUE(add_device(main.silo().id, {"rtc", base::SiloAddress(abi::kDevicesStart),
                                          base::PhysicalAddress(0x901'0000), 0x1000, Board::Virt})
                  .ok());
  const std::string text = words(read_fault(abi::kDevicesStart + 8, abi::kDevicesStart + 8));
  EXPECT_THAT(text, HasSubstr("0x8 bytes into the pages of device rtc"));
  EXPECT_THAT(text, testing::Not(HasSubstr("instruction")));
}

TEST_F(FaultReportTest, survives_a_window_that_is_taken) {
  ASSERT_TRUE(port::open_window(fakes::kMemoryStart, base::PageCount(1)).ok());
  EXPECT_THAT(words(read_fault(0, kText)), testing::Not(HasSubstr("instruction")));
  EXPECT_TRUE(fakes::window_is_open()) << "it is somebody else's";
  port::close_window();
}

TEST_F(FaultReportTest, describes_a_silo_without_memory) {
  Silo& empty =
      silo_of(kernel::create_silo({.name = "empty", .argument = 0, .capability_slots = 8, .quotas = {}}).value());
  EXPECT_EQ(place_of(empty, base::SiloAddress(0x5000)).kind, Place::Kind::Nowhere);
  report_fault(empty, main, read_fault(0x5000));
  EXPECT_THAT(fakes::take_console(), HasSubstr("0x5000 is nowhere: the silo has no memory"));
}

}  // namespace
}  // namespace kernel
