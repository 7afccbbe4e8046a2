// SPDX-License-Identifier: Apache-2.0
//
// RankCheck: where a lock is taken and given back, for whoever wants to look at what the types say of the order of
// locks (guarded.hpp) once more while the code runs. In the kernel nobody does and this is nothing; host tests have
// another file of this name in front of it (test/checked/).
#pragma once

#include "kernel/base/lock_rank.hpp"

namespace base {

class RankCheck {
 public:
  constexpr explicit RankCheck(LockRank) {}
  /// For a lock whose hold is no scope; `under` is the highest that was held when it was taken.
  static constexpr void taken(LockRank) {}
  static constexpr void given_back(LockRank, LockRank = LockRank::Nothing) {}
};

}  // namespace base
