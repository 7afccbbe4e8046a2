// SPDX-License-Identifier: Apache-2.0
// expects: is private within this context
// layer: ipc
//
// Data in a lock cannot be reached past the lock.
#include "kernel/base/guarded.hpp"

int look(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel);
int look(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel) {
#ifdef COMPILES
  return channel.with(held, [](int& value, auto) { return value; });
#else
  static_cast<void>(held);
  return channel.value_;
#endif
}
