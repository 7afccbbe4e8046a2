// SPDX-License-Identifier: Apache-2.0
//
// Quotas: what a silo creates is charged to it, given back when it is closed, and never more than the manifest
// allows. Manifest: quota = { ports = 2, channels = 2, messages = 8 }.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  const Port first = Port::create().value();
  const Port second = Port::create().value();
  check_error(Port::create(), kQuotaExceeded, "B8 a port beyond the quota is EDQUOT");
  const Port again = second.duplicate().value();
  check_ok(second.close(), "C7 one of two handles of a port is closed");
  check_error(Port::create(), kQuotaExceeded, "C7 the port is still there and still charged");
  check_ok(again.close(), "the last handle is closed");
  const Result<Port> third = Port::create();
  check_ok(third, "C7 and its quota is free again");
  if (third) check_ok(third->close(), "(closed)");
  check_ok(first.destroy(), "a destroyed port");
  check_ok(first.close(), "is given back when it is closed");

  check_error(Channel::create(5), kQuotaExceeded, "B8 a channel of 5 needs 10 message slots, beyond the quota: EDQUOT");
  const ChannelEnds whole = Channel::create(4).value();
  check_error(Channel::create(1), kQuotaExceeded, "with all slots used, the smallest channel is beyond the quota");
  check_ok(whole.first.close(), "one end is closed");
  check_error(Channel::create(1), kQuotaExceeded, "the channel still lives by its other end");
  check_ok(whole.second.close(), "the other is closed");
  const ChannelEnds one = Channel::create(1).value();
  const ChannelEnds two = Channel::create(1).value();
  check_error(Channel::create(1), kQuotaExceeded, "B8 the number of channels has its own quota");
  bool all = true;
  for (const Channel end : {one.first, one.second, two.first, two.second}) all = end.close().ok() && all;
  check(all, "(all closed)");

  bool good = true;
  for (int i = 0; i < 500; ++i) {
    const Result<Port> port = Port::create();
    good = good && port.ok() && port->try_send({}).ok() && port->close().ok();
    const Result<ChannelEnds> ends = Channel::create(4);
    good = good && ends.ok() && ends->first.try_send({}).ok() && ends->first.close().ok() && ends->second.close().ok();
  }
  check(good, "B8 500 ports and channels made and closed one after the other, with messages inside: nothing is lost");
  return finish();
}
