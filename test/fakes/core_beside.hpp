// SPDX-License-Identifier: Apache-2.0
//
// Another core is beside others for as long as this lives: whoever asks for a shared section meanwhile waits. In a
// thread of its own, because each thread is checked for the ranks that it holds.
#pragma once

#include <atomic>
#include <thread>

#include "kernel/object_section.hpp"

namespace fakes {

class CoreBeside {
 public:
  explicit CoreBeside(base::CoreId core) : thread_([this, core] { stay(core); }) { is_there_.wait(false); }
  ~CoreBeside() {
    is_over_ = true;
    is_over_.notify_one();
    thread_.join();
  }
  CoreBeside(const CoreBeside&) = delete;
  CoreBeside& operator=(const CoreBeside&) = delete;

 private:
  void stay(base::CoreId core) {
    const kernel::BesideSection section(core);
    is_there_ = true;
    is_there_.notify_one();
    is_over_.wait(false);
  }
  std::atomic<bool> is_there_{false}, is_over_{false};
  std::thread thread_;
};

}  // namespace fakes
