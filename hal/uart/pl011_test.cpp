// SPDX-License-Identifier: Apache-2.0
//
// The PL011 driver against a scripted device.
#include "test/fakes/host_prelude.hpp"

#include "hal/uart/pl011.hpp"

#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

constexpr std::uint64_t kBase = 0x900'0000;
constexpr std::uint64_t kData = kBase, kFlags = kBase + 0x18, kControl = kBase + 0x30, kInterruptMask = kBase + 0x38;

TEST(Pl011, initializing_leaves_a_running_uart_as_the_loader_set_it) {
  fakes::IoScript script;
  script.set(kControl, 0x301);
  Pl011(kBase, fakes::ScriptedIo{&script}).initialize();
  EXPECT_THAT(script.written(kInterruptMask), testing::ElementsAre(0u));
  EXPECT_TRUE(script.written(kControl).empty());
}

TEST(Pl011, initializing_switches_a_silent_uart_on) {
  fakes::IoScript script;
  script.set(kControl, 0x300);
  Pl011(kBase, fakes::ScriptedIo{&script}).initialize();
  EXPECT_THAT(script.written(kControl), testing::ElementsAre(0x301u));
}

TEST(Pl011, is_ready_unless_the_transmit_fifo_is_full) {
  fakes::IoScript script;
  const Pl011 uart(kBase, fakes::ScriptedIo{&script});
  script.set(kFlags, 0x90);
  EXPECT_TRUE(uart.ready());
  script.set(kFlags, 0x20);
  EXPECT_FALSE(uart.ready());
}

TEST(Pl011, transmits_one_word_per_character_and_never_a_sign_extended_one) {
  fakes::IoScript script;
  const Pl011 uart(kBase, fakes::ScriptedIo{&script});
  uart.transmit('A');
  uart.transmit(static_cast<char>(0xe4));
  EXPECT_THAT(script.accesses,
              testing::ElementsAre(fakes::IoAccess{true, 4, kData, 'A'}, fakes::IoAccess{true, 4, kData, 0xe4}));
}

}  // namespace
}  // namespace hal
