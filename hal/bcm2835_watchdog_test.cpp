// SPDX-License-Identifier: Apache-2.0
//
// The halt of the Pi: three writes, each with the password, the one that starts the reset last.
#include "test/fakes/host_prelude.hpp"

#include "hal/bcm2835_watchdog.hpp"
#include "test/fakes/scripted_io.hpp"

namespace hal {
namespace {

TEST(Bcm2835Watchdog, asks_for_partition_63_and_resets) {
  fakes::IoScript script;
  const Bcm2835Watchdog<fakes::ScriptedIo> watchdog(0x1000, fakes::ScriptedIo{&script});
  watchdog.halt_machine();
  EXPECT_THAT(script.accesses, testing::ElementsAre(fakes::IoAccess{true, 4, 0x1020, 0x5a00'0555},
                                                    fakes::IoAccess{true, 4, 0x1024, 0x5a00'000a},
                                                    fakes::IoAccess{true, 4, 0x101c, 0x5a00'0020}));
}

}  // namespace
}  // namespace hal
