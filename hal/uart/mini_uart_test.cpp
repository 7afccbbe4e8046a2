// SPDX-License-Identifier: Apache-2.0
//
// The mini UART's driver against a scripted device.
#include "test/fakes/host_prelude.hpp"

#include "hal/uart/mini_uart.hpp"

#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

constexpr std::uint64_t kBase = 0xfe21'5040;
constexpr std::uint64_t kData = kBase, kInterruptEnable = kBase + 4, kLineStatus = kBase + 0x14,
                        kControl = kBase + 0x20;

TEST(MiniUart, initializing_masks_interrupts_and_leaves_a_running_uart_alone) {
  fakes::IoScript script;
  script.set(kControl, 3);
  MiniUart(kBase, fakes::ScriptedIo{&script}).initialize();
  EXPECT_THAT(script.written(kInterruptEnable), testing::ElementsAre(0u));
  EXPECT_TRUE(script.written(kControl).empty());
}

TEST(MiniUart, initializing_switches_the_transmitter_on) {
  fakes::IoScript script;
  script.set(kControl, 1);
  MiniUart(kBase, fakes::ScriptedIo{&script}).initialize();
  EXPECT_THAT(script.written(kControl), testing::ElementsAre(3u));
}

TEST(MiniUart, is_ready_when_its_fifo_takes_a_byte) {
  fakes::IoScript script;
  const MiniUart uart(kBase, fakes::ScriptedIo{&script});
  script.set(kLineStatus, 0x20);
  EXPECT_TRUE(uart.ready());
  script.set(kLineStatus, 0x41);
  EXPECT_FALSE(uart.ready());
}

TEST(MiniUart, transmits_one_word_per_character_and_never_a_sign_extended_one) {
  fakes::IoScript script;
  const MiniUart uart(kBase, fakes::ScriptedIo{&script});
  uart.transmit(static_cast<char>(0xff));
  EXPECT_THAT(script.accesses, testing::ElementsAre(fakes::IoAccess{true, 4, kData, 0xff}));
}

}  // namespace
}  // namespace hal
