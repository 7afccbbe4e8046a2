// SPDX-License-Identifier: Apache-2.0
//
// A kernel with a server that comes back whenever it ends, and a more urgent watcher, which sleeps.
#pragma once

#include "test/fakes/kernel_world.hpp"

namespace fakes {

struct ReturningWorld : KernelWorld {
  kernel::Thread& watcher = add_program("watcher", 40);
  kernel::Thread& server = make_server();

  kernel::Thread& make_server() {
    restart = {.mode = abi::RestartMode::Always};
    kernel::Thread& made = add_program("server", 20);
    restart = {};
    return made;
  }
  void begin() {
    start();
    ASSERT_TRUE(is_running(watcher));
    call(abi::SystemCall::SLEEP_UNTIL, {.deadline = kForever});
    ASSERT_TRUE(is_running(server));
  }
  void crash() {
    ASSERT_TRUE(is_running(server));
    fault(read_fault(0xdead0000));
  }
};

}  // namespace fakes
