// SPDX-License-Identifier: Apache-2.0
// expects: no matching function for call
// layer: ipc
//
// Who cannot show what is held and that interrupts are masked does not get at the data.
#include "kernel/base/guarded.hpp"

int look(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel);
int look(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel) {
#ifdef COMPILES
  return channel.with(held, [](int& value, auto) { return value; });
#else
  static_cast<void>(held);
  return channel.with([](int& value, auto) { return value; });
#endif
}
