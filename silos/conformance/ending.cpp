// SPDX-License-Identifier: Apache-2.0
//
// Ends in the way that the manifest's `argument` says; observer.cpp knows what must be seen of it.
#include <stdlib.h>

#include "check.hpp"
#include "ending.hpp"
#include "handles.hpp"

using namespace conformance;
using conformance::Ending;

extern "C" void second_main(std::uint64_t) {
  sleep_for(20ms);
  exit_thread();
}

int main() {
  switch (static_cast<Ending>(argument())) {
    case Ending::Exit42: return 42;
    case Ending::LastThreadEnds: exit_thread();
    case Ending::Abort: abort();
    case Ending::UsesAFailedResult: return static_cast<int>(Result<int>(kPeerGone).value());
    case Ending::Read: return static_cast<int>(word_at(0x12345678));
    case Ending::WriteText: word_at(0x10000) = 1; break;
    case Ending::TaggedPointer: return static_cast<int>(word_at(0x5a00000000010000));
    case Ending::Misaligned: {
      // Across 16 bytes: newer cores (FEAT_LSE2) permit less.
      alignas(16) std::uint64_t words[4] = {};
      std::uint64_t value;
      asm volatile("ldxr %0, [%1]" : "=r"(value) : "r"(reinterpret_cast<char*>(words) + 13) : "memory");
      break;
    }
    case Ending::Undefined: asm volatile("udf #7"); break;
    case Ending::Trapped: asm volatile("msr daifset, #2"); break;
    case Ending::Breakpoint: asm volatile("brk #1"); break;
    case Ending::JumpsAway: reinterpret_cast<void (*)()> (&word_at(0x30000000))(); break;
  }
  return 1;
}
