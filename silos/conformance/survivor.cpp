// SPDX-License-Identifier: Apache-2.0
//
// A client never hangs, whatever instant its server ends at (the checklist's P7 and P10, defect C1). One server silo
// for each way to end (mortal.hpp); each call has a deadline far away, so EPIPE and not ETIMEDOUT shows that the
// client was told.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

void gone(const Result<Message>& result, const char* text) { check_error(result, kPeerGone, text); }

}  // namespace

int main() {
  gone(handles::exits_queued.call({1}, 10s), "the server exits while the call is queued: EPIPE");
  gone(handles::exits_taken.call({1}, 10s), "the server exits after it took the call: EPIPE");
  gone(handles::faults_taken.call({1}, 10s), "the server faults after it took the call: EPIPE");
  gone(handles::destroys_exits.call({1}, 10s), "the server destroys the port, still owes the reply, and exits: EPIPE");
  gone(handles::destroys_lives.call({1}, 10s),
       "the server destroys the port while the call is queued, and lives: EPIPE");
  gone(handles::thread_ends.call({1}, 10s), "the thread that took the call ends, and its silo lives: EPIPE");
  const Result<Message> answered = handles::answers_exits.call({1}, 10s);
  check(answered.ok() && answered->opcode == 42, "the server answers and exits: the answer is there");
  sleep_for(20ms);
  gone(handles::answers_exits.call({1}, 10s), "a call after the server's end: EPIPE");
  check_error(handles::answers_exits.send({1}, 10s), kPeerGone, "a send after the server's end: EPIPE");
  check(!handles::answers_exits.stats().value().alive, "statistics tell that the port is dead");

  Result<void> sent;
  int queued = -1;
  for (; queued < 17 && sent; ++queued) sent = handles::senders_blocked.send({1}, 10s);
  check_equal(static_cast<std::uint64_t>(queued), 16, "16 messages are queued");
  check_error(sent, kPeerGone, "the server exits while a send waits for a slot: EPIPE");

  bool good = true;
  for (std::uint64_t i = 0; i < 7 && good; ++i) good = handles::exits_replying.call({i}, 10s).ok();
  check(good, "seven calls are answered");
  gone(handles::exits_replying.call({7}, 10s), "the eighth ends its server: EPIPE");
  return finish();
}
