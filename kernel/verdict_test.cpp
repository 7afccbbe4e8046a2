// SPDX-License-Identifier: Apache-2.0
//
// The verdict with `once`: everything goes out, then the machine ends.
#include "test/fakes/kernel_world.hpp"

#include "kernel/verdict.hpp"

namespace kernel {
namespace {

struct VerdictTest : fakes::KernelWorld {};

TEST_F(VerdictTest, without_once_the_system_goes_on) {
  give_verdict(7);
  EXPECT_EQ(fakes::take_console(), "granary: verdict: status 7 (failed)\r\n");
}

TEST_F(VerdictTest, with_once_what_was_waiting_goes_out_first_and_the_machine_ends) {
  set_once(true);
  set_console_mode(ConsoleMode::Buffered);
  log("waiting");
  EXPECT_EQ(fakes::take_console(), "");
  EXPECT_THROW(give_verdict(0), fakes::PoweredOff);
  EXPECT_EQ(fakes::take_console(), "granary: waiting\r\ngranary: verdict: status 0 (passed)\r\n");
}

}  // namespace
}  // namespace kernel
