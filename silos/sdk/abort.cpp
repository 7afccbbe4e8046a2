// SPDX-License-Identifier: Apache-2.0
//
// The end of a silo that gives up: the line `aborted at ADDRESS ...`, with who called whom, out of which `granary run`
// makes functions and lines. The calls are read from frame records (AAPCS64, 6.4.6), as programs have them
// (-fno-omit-frame-pointer). A record is read only if it is aligned and above the last one: what is not is where it
// ends, and a stack that is spoiled worse than that ends the silo by a fault, which the kernel explains.
#include <stdlib.h>
#include <unistd.h>

#include <array>
#include <charconv>

#include "granary/granary.hpp"
#include "internal.hpp"

namespace {

constexpr int kAborted = 134;
/// As many as fit into a line of the console.
constexpr unsigned kCallsSaid = 9;
constexpr std::uint64_t kRecordAlignment = 16, kLargestFrame = 0x10'0000;

struct FrameRecord {
  const FrameRecord* caller;
  std::uint64_t return_address;
};

void say_address(std::uint64_t address) {
  std::array<char, 20> text{' ', '0', 'x'};
  const auto end = std::to_chars(text.data() + 3, text.data() + text.size(), address, 16).ptr;
  granary::detail::print({text.data(), static_cast<std::size_t>(end - text.data())});
}

bool may_be_above(const FrameRecord* record, const FrameRecord* last) {
  const auto address = reinterpret_cast<std::uint64_t>(record), below = reinterpret_cast<std::uint64_t>(last);
  return address % kRecordAlignment == 0 && address > below && address - below <= kLargestFrame;
}

}  // namespace

extern "C" [[noreturn]] void abort() {
  granary::detail::print("aborted at");
  auto record = static_cast<const FrameRecord*>(__builtin_frame_address(0));
  for (unsigned said = 0; said < kCallsSaid && record->return_address != 0; ++said) {
    say_address(record->return_address);
    const FrameRecord* const caller = record->caller;
    if (!may_be_above(caller, record)) break;
    record = caller;
  }
  granary::detail::print("\n");
  _exit(kAborted);
}
