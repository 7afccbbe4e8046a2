// SPDX-License-Identifier: Apache-2.0
//
// Semaphore: a count that is never below 0 and never above 2^31-1. Who waits goes on in the order of waiting.
#pragma once

#include "granary/objects.hpp"

namespace granary {

class Semaphore : public Handle {
 public:
  using Handle::Handle;

  /// kInvalidArgument above 2^31-1; kQuotaExceeded, kNoMemory, kTableFull.
  static Result<Semaphore> create(std::uint64_t initial) {
    granary_handle handle;
    const granary_status status = granary_semaphore_create(initial, &handle);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::SEMAPHORE_CREATE);
    return Semaphore(handle);
  }
  Result<Semaphore> duplicate() const { return duplicate_as<Semaphore>(); }
  Result<Semaphore> duplicate(std::uint64_t rights) const { return duplicate_as<Semaphore>(rights); }

  /// Counts down, waiting while the count is 0. kTimedOut; kPeerGone if it is 0 and nobody can post any more.
  Result<void> wait(Deadline deadline = forever) const {
    return detail::checked(granary_semaphore_wait(value(), deadline.ticks()), SystemCall::SEMAPHORE_WAIT);
  }
  /// kWouldBlock if the count is 0.
  Result<void> try_wait() const {
    return detail::checked(granary_semaphore_try_wait(value()), SystemCall::SEMAPHORE_TRY_WAIT);
  }
  /// kInvalidArgument if the count is 2^31-1.
  Result<void> post() const { return detail::checked(granary_semaphore_post(value()), SystemCall::SEMAPHORE_POST); }
  /// Gives this capability up; when the last one goes that may post, those who wait get kPeerGone.
  Result<void> close() const { return detail::checked(granary_semaphore_close(value()), SystemCall::SEMAPHORE_CLOSE); }
};

}  // namespace granary
