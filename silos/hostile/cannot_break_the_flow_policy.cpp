// SPDX-License-Identifier: Apache-2.0
//
// Makes a way between itself and the warden, whose table it may fill but whom no flow rule lets it reach: by every kind
// of object, in both directions, through copies and ends. Expected: refused. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

void offer(const Handle& object, std::uint64_t rights, const char* what) {
  refused(-object.grant_to(handles::warden, rights).error().number(), GRANARY_EACCES, what);
}

}  // namespace

int main() {
  const Port port = Port::create().value();
  offer(port, GRANARY_RIGHT_PORT_SEND, "a port to send to");
  offer(port, GRANARY_RIGHT_PORT_CALL | GRANARY_RIGHT_GRANT, "a port to call");
  offer(port, GRANARY_RIGHT_PORT_RECEIVE, "a port to receive from");
  const Port copy = port.duplicate(GRANARY_RIGHT_PORT_SEND | GRANARY_RIGHT_GRANT).value();
  offer(copy, GRANARY_RIGHT_PORT_SEND, "a copy");
  port.close().value();
  offer(copy, GRANARY_RIGHT_PORT_SEND, "what has no receiver any more");
  const ChannelEnds ends = Channel::create(4).value();
  for (const Channel end : {ends.first, ends.second}) {
    offer(end, GRANARY_RIGHT_CHANNEL_SEND, "an end to send");
    offer(end, GRANARY_RIGHT_CHANNEL_RECEIVE, "an end to receive");
  }
  const AsyncChannel async = AsyncChannel::create(4).value();
  offer(async, GRANARY_RIGHT_ASYNC_SEND, "an AsyncChan to send");
  offer(async, GRANARY_RIGHT_ASYNC_RECEIVE, "an AsyncChan to receive");
  const Notification notification = Notification::create().value();
  offer(notification, GRANARY_RIGHT_NOTIFICATION_SIGNAL, "a bit to set");
  offer(notification, GRANARY_RIGHT_NOTIFICATION_WAIT, "a bit to wait for");
  const Semaphore semaphore = Semaphore::create(0).value();
  offer(semaphore, GRANARY_RIGHT_SEMAPHORE_POST, "a count to raise");
  offer(semaphore, GRANARY_RIGHT_SEMAPHORE_WAIT, "a count to wait for");
  const Region region = Region::create(1).value();
  offer(region, GRANARY_RIGHT_REGION_READ, "memory to read");
  offer(region, GRANARY_RIGHT_REGION_WRITE | GRANARY_RIGHT_REGION_READ, "memory to write");
  return outcome();
}
