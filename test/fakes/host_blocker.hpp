// SPDX-License-Identifier: Apache-2.0
//
// HostBlocker: how a thread of the host waits in a blocking operation (ipc::Blocker). It outlives every thread that may
// wake it. give_up() is a deadline, or the end of a thread, at a time that the test chooses.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <condition_variable>
#include <mutex>

#include "ipc/typed_channel.hpp"

namespace fakes {

class HostBlocker {
 public:
  ipc::WaitEnd wait() {
    std::unique_lock lock(mutex_);
    ++waits_;
    changed_.wait(lock, [&] { return wakes_ != 0 || given_up_; });
    // A reason to give up counts before a wake-up, so that tests meet the case where both are there.
    if (given_up_) {
      given_up_ = false;
      return ipc::WaitEnd::GaveUp;
    }
    --wakes_;
    return ipc::WaitEnd::Woken;
  }
  void wait_for_wake() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return wakes_ != 0; });
    --wakes_;
  }
  void wake() {
    change([&] { ++wakes_; });
  }
  void give_up() {
    change([&] { given_up_ = true; });
  }
  /// A reason to give up that no wait has met.
  void forget_to_give_up() {
    change([&] { given_up_ = false; });
  }

  std::uint64_t waits() {
    const std::lock_guard lock(mutex_);
    return waits_;
  }
  std::uint64_t unused_wakes() {
    const std::lock_guard lock(mutex_);
    return wakes_;
  }

 private:
  template <typename Change>
  void change(const Change& apply) {
    const std::lock_guard lock(mutex_);
    apply();
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t wakes_ = 0, waits_ = 0;
  bool given_up_ = false;
};
static_assert(ipc::Blocker<HostBlocker>);

}  // namespace fakes
