// SPDX-License-Identifier: Apache-2.0
//
// What a core does while it waits for another one: here that is a thread. By itself, because the tests for races have
// no other fake of the machine.
#include <thread>

#include "kernel/port/cpu.hpp"

namespace port {

void spin_hint() { std::this_thread::yield(); }

}  // namespace port
