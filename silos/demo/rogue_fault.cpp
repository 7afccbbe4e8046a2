// SPDX-License-Identifier: Apache-2.0
//
// A rogue that attacks once, by an access that must fault; the manifest's `argument` says which (attacks.hpp). The
// kernel stops it there. If it survives, it says so and ends with status 1, which the judge takes as a failure.
#include <stdio.h>

#include "attacks.hpp"
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

namespace {

std::uint32_t data_with_a_return_instruction = 0xd65f03c0;

void recurse(volatile std::uint64_t* above) {
  volatile std::uint64_t frame[64];
  frame[0] = *above + 1;
  if (frame[0] != 0) recurse(frame);
  *above = frame[0];  // work behind the call keeps it from becoming a loop
}

void attack(const demo::Attack& attack) {
  // SAFETY: none: these addresses are not this program's to use, which is the point.
  auto address = reinterpret_cast<volatile std::uint64_t*>(attack.address);
  switch (attack.act) {
    case demo::Act::Read: static_cast<void>(*address); break;
    case demo::Act::Write:
      if (address == nullptr) address = reinterpret_cast<volatile std::uint64_t*>(&recurse);
      *address = 0;
      break;
    case demo::Act::Execute: reinterpret_cast<void (*)()> (&data_with_a_return_instruction)(); break;
    case demo::Act::Recurse: {
      volatile std::uint64_t start = 0;
      recurse(&start);
      break;
    }
  }
}

}  // namespace

int main() {
  const std::uint64_t number = argument() % demo::kAttacks.size();
  const demo::Attack& chosen = demo::kAttacks[number];
  sleep_for(600ms + number * 100ms);  // one after the other, so that the console can be read
  printf("%s %s\n", demo::verb(chosen.act), chosen.target);
  attack(chosen);
  printf("and was not stopped\n");
  return 1;
}
