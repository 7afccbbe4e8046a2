// SPDX-License-Identifier: Apache-2.0
//
// Has a large quota and creates all it can, three times over; fills what it creates. Expected: it is told where its
// limit is, and everybody else goes on. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

namespace {
constexpr unsigned kMany = 300;
}

int main() {
  static Channel ends[2 * kMany];
  static Port ports[kMany];
  for (int round = 0; round < 3; ++round) {
    unsigned channel_count = 0, port_count = 0;
    Result<ChannelEnds> channel = Channel::create(64);
    for (; channel && channel_count < kMany; channel = Channel::create(64)) {
      ends[2 * channel_count] = channel->first;
      ends[2 * channel_count + 1] = channel->second;
      ++channel_count;
      for (int i = 0; i < 64; ++i) holds(channel->first.try_send({}).ok(), "a message within the capacity was refused");
      refused(-channel->first.try_send({}).error().number(), GRANARY_EAGAIN, "a message beyond the capacity");
    }
    holds(!channel && (channel.error() == kQuotaExceeded || channel.error() == kNoMemory), "channels without end");
    Result<Port> port = Port::create();
    for (; port && port_count < kMany; port = Port::create()) ports[port_count++] = *port;
    holds(!port && (port.error() == kQuotaExceeded || port.error() == kNoMemory), "ports without end");
    holds(channel_count > 0 && port_count > 0, "not even one could be made");
    for (unsigned i = 0; i < 2 * channel_count; ++i) ends[i].close().value();
    for (unsigned i = 0; i < port_count; ++i) ports[i].close().value();
  }
  return outcome();
}
