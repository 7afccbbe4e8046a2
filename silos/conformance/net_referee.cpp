// SPDX-License-Identifier: Apache-2.0
//
// Watches what the net driver counts, until the peer outside has said by a thousand datagrams to a port that does not
// exist that it is done. test/qemu/devices.py is that peer, and compares the line that is printed here with what it
// sent.
#include <cstdio>

#include <drivers/net_stack.hpp>

#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;
using drivers::FrameFate;

int main() {
  drivers::FrameCounts counts;
  do {
    sleep_for(50ms);
    counts = handles::network.call({}).value().as<drivers::FrameCounts>();
  } while (counts[FrameFate::NoSuchPort] < 1000);
  printf("counts");
  for (const std::uint32_t count : counts.of) printf(" %u", static_cast<unsigned>(count));
  printf("\n");
  handles::system.verdict(0).value();
}
