// SPDX-License-Identifier: Apache-2.0
//
// A server whose clients end while it serves them: the reply is lost, and it is told. Also: what became of the
// clients is visible.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  Request first = handles::widow.receive(2s).value();
  Request second = handles::widow.receive(2s).value();
  if (first.message.opcode != 0) std::swap(first, second);
  check(first.is_call() && second.is_call() && first.badge != second.badge, "two clients call");
  check(eventually([] { return !handles::exits.status().value().running(); }),
        "one exits while it waits for the reply");
  check(eventually([] { return !handles::faults.status().value().running(); }), "the other is stopped by a fault");
  check_error(Port::reply(std::move(first.token), {}), kPeerGone, "the reply to the one is EPIPE");
  const Result<Request> next = handles::widow.reply_and_receive(std::move(second.token), {}, 5ms);
  check_error(next, kTimedOut, "reply_and_receive to the other goes on to receive");
  check_equal(handles::widow.stats().value().replies_lost, 2, "both losses are counted");

  const SiloStatus exited = handles::exits.status().value(), faulted = handles::faults.status().value();
  check(exited.state == abi::SiloState::Exited && exited.exit_status == 0, "the status of the one: exited, 0");
  check(faulted.state == abi::SiloState::Faulted && faulted.fault == abi::FaultKind::Translation,
        "of the other: stopped by a fault, nothing mapped");
  check_equal(faulted.fault_address, 16, "with the address");
  check(exited.live_threads == 0 && faulted.live_threads == 0, "neither has a thread left");
  return finish();
}
