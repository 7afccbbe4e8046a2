// SPDX-License-Identifier: Apache-2.0
// expects: lock order: this lock ranks below one that is already held
// layer: ipc
//
// A lock cannot be taken inside itself, nor inside another one of its rank: the core would wait for itself.
#include "kernel/base/guarded.hpp"

int twice(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel);
int twice(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel) {
#ifdef COMPILES
  return channel.with(held, [](int& value, auto) { return value; }) +
         channel.with(held, [](int& value, auto) { return value; });
#else
  return channel.with(held, [&](int& value, auto inside) {
    return value + channel.with(inside, [](int& again, auto) { return again; });
  });
#endif
}
