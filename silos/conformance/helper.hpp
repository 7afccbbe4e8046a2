// SPDX-License-Identifier: Apache-2.0
//
// A second thread of the same silo that does one thing at a time for the first: helper.start([] { ... }), later
// helper.wait(). The manifest gives it: threads = { helper = { entry = "helper_main" } }. Include it in one file of a
// program.
#pragma once

#include "check.hpp"

namespace conformance {

class Helper {
 public:
  using Job = void (*)();

  /// Begins a job; the one before it must have ended.
  void start(Job job) { job_.store(job, std::memory_order_release); }
  bool is_idle() const { return job_.load(std::memory_order_acquire) == nullptr; }
  /// Waits for the end of the job, ten seconds at most; says whether it has come.
  bool wait() {
    return eventually([this] { return is_idle(); });
  }
  /// Gives a job time to begin and to block.
  void settle() { sleep_for(5ms); }

  [[noreturn]] void serve() {
    for (;;) {
      if (const Job job = job_.load(std::memory_order_acquire); job != nullptr) {
        job();
        job_.store(nullptr, std::memory_order_release);
      }
      sleep_for(500us);
    }
  }

 private:
  std::atomic<Job> job_ = nullptr;
};

inline constinit Helper helper{};

}  // namespace conformance

extern "C" void helper_main(std::uint64_t) { conformance::helper.serve(); }
