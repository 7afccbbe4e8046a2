// SPDX-License-Identifier: Apache-2.0
//
// Puts capabilities into tables of silos that did not ask for them: by a grant to one that it only observes, by
// messages without the right, in the answer to a call that accepts none, and more of them on their way than its quota
// says. Expected: refused. Ends with 0.
#include <atomic>

#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {
std::atomic<std::uint64_t> box;
}  // namespace

extern "C" void caller_main(std::uint64_t) {
  while (box == 0) sleep_for(1ms);
  static_cast<void>(Port(box).call({1}));
}

int main() {
  const Port own = Port::create().value(), gift = Port::create().value();
  const std::uint64_t send = GRANARY_RIGHT_PORT_SEND;
  for (int i = 0; i < 100; ++i) {
    refused(-gift.grant_to(handles::bystander_b, send).error().number(), GRANARY_EPERM, "a grant without SiloGrant");
    refused(-gift.grant_to(handles::bystander_b, 0).error().number(), GRANARY_EPERM, "a grant of nothing");
    refused(-handles::service.send_with({1}, gift, send, do_not_block).error().number(), GRANARY_EPERM, "a message");
  }
  refused(-gift.grant_to(Silo(own.value()), send).error().number(), GRANARY_EPERM, "a grant to what is no silo");
  refused(-gift.grant_to(Silo(0x40), send).error().number(), GRANARY_EBADF, "a grant to a guessed silo");
  int sent = 0;
  while (sent < 100 && own.send_with({1}, gift, send, do_not_block)) ++sent;
  holds(sent == 2, "more on their way than the quota says");
  while (own.try_receive()) {
  }
  box = own.value();
  Request request = own.receive().value();
  refused(-Port::reply_with(request.token, {1}, gift, send).error().number(), GRANARY_EPERM, "an answer");
  static_cast<void>(Port::reply(std::move(request.token), {1}));
  return outcome();
}
