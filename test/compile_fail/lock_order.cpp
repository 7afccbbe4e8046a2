// SPDX-License-Identifier: Apache-2.0
// expects: lock order: this lock ranks below one that is already held
// layer: ipc
//
// A lock of a lower rank cannot be taken inside one of a higher rank.
#include "kernel/base/guarded.hpp"

int both(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel,
         base::Guarded<int, base::LockRank::MessagePool>& pool);
int both(base::Held<base::LockRank::Nothing> held, base::Guarded<int, base::LockRank::Channel>& channel,
         base::Guarded<int, base::LockRank::MessagePool>& pool) {
#ifdef COMPILES
  return channel.with(
      held, [&](int& left, auto inside) { return pool.with(inside, [&](int& right, auto) { return left + right; }); });
#else
  return pool.with(held, [&](int& left, auto inside) {
    return channel.with(inside, [&](int& right, auto) { return left + right; });
  });
#endif
}
