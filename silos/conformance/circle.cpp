// SPDX-License-Identifier: Apache-2.0
//
// A circle of calls is refused where it would close: circle_a (argument 0) calls circle_b, which calls back while it
// serves that call and answers what it got. Neither hangs. Manifest: one thread each, allow_call_cycles, quota for a
// port in circle_a.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

int close_the_circle() {
  for (Result<Request> request = handles::to_b.receive();;) {
    const Result<Message> back = handles::to_a.call({1}, 5s);
    const Message answer{static_cast<std::uint64_t>(back.error().number())};
    request = handles::to_b.reply_and_receive(std::move(request.value().token), answer);
  }
}

}  // namespace

int main() {
  if (argument() == 1) return close_the_circle();
  const Port own = Port::create().value();
  check_error(own.call({1}, 5s), kWouldDeadlock, "a thread that calls a port which only itself could serve: EDEADLK");
  for (int i = 0; i < 3; ++i) {
    const Result<Message> answer = handles::to_b.call({1}, 10s);
    check_ok(answer, "a call whose server calls back");
    if (answer) {
      check_equal(answer->opcode, static_cast<std::uint64_t>(kWouldDeadlock.number()),
                  "is EDEADLK where the circle closes");
    }
  }
  return finish();
}
