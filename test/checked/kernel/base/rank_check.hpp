// SPDX-License-Identifier: Apache-2.0
//
// RankCheck as host tests have it, in place of kernel/base/rank_check.hpp: each lock that is taken ranks above all that
// its thread holds, or the test dies.
#pragma once

#include "kernel/base/lock_rank.hpp"

namespace base {

class RankCheck {
 public:
  explicit RankCheck(LockRank rank) : before_(highest_) {
    if (!(highest_ < rank)) __builtin_trap();
    highest_ = rank;
  }
  ~RankCheck() { highest_ = before_; }
  RankCheck(const RankCheck&) = delete;
  RankCheck& operator=(const RankCheck&) = delete;

  /// For a lock whose hold is no scope.
  static void taken(LockRank rank) {
    if (!(highest_ < rank)) __builtin_trap();
    highest_ = rank;
  }
  /// It is the highest that is held, and was taken when `under` was.
  static void given_back(LockRank rank, LockRank under = LockRank::Nothing) {
    if (highest_ != rank) __builtin_trap();
    highest_ = under;
  }

 private:
  static inline thread_local LockRank highest_ = LockRank::Nothing;
  const LockRank before_;
};

}  // namespace base
