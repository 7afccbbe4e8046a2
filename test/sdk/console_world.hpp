// SPDX-License-Identifier: Apache-2.0
//
// A console as the kernel's: bytes of an unfinished line are always taken, the end of a line only if a line has room.
#pragma once

#include <string>

#include "test/sdk/sdk_host.hpp"

namespace sdk_host {

struct FakeConsole {
  FakeConsole();
  ~FakeConsole();
  /// What stands there, whole lines.
  std::string printed, unfinished;
  unsigned room_for_lines = 1000;
  std::function<void()> on_pause = [] { ADD_FAILURE() << "waits for the console"; };
  granary::Error fails_with{0};

  granary::Result<std::uint64_t> try_write(std::string_view text);
};

/// What was told to the system last, and by which handle.
struct Verdict {
  std::uint64_t system = 0, status = ~std::uint64_t{0};
};
extern Verdict verdict;

}  // namespace sdk_host
