// SPDX-License-Identifier: Apache-2.0
//
// A server that ends in the middle of its work; the manifest's `argument` says where. What its client must see is in
// survivor.cpp. Manifest: it has a console and owns one port; threads = { hand = { entry = "hand_main" } } where it
// needs one.
#include "mortal.hpp"
#include "check.hpp"

using namespace conformance;
using conformance::Death;

namespace {

// Each mortal silo has one port, under a name of its own; it is what the manifest's first slot behind the console
// holds.
constexpr Port grave(abi::make_manifest_handle(2));
std::atomic<bool> hand_may_take = false;

/// So many calls or messages wait in the port, and whoever sends more has had time to block.
void wait_for_queued(std::uint64_t count) {
  eventually([=] { return grave.stats().value().queued == count; });
  sleep_for(20ms);
}

}  // namespace

// A second thread that takes the call and ends itself, while its silo lives on.
extern "C" void hand_main(std::uint64_t) {
  while (!hand_may_take) sleep_for(1ms);
  grave.receive().value().token.release();
  exit_thread();
}

int main() {
  switch (static_cast<Death>(argument())) {
    case Death::ExitsWithCallsQueued: wait_for_queued(1); return 0;
    case Death::ExitsAfterTaking: grave.receive().value().token.release(); return 0;
    case Death::FaultsAfterTaking:
      grave.receive().value().token.release();
      word_at(8) = 1;
      return 1;
    case Death::DestroysThenExits:
      grave.receive().value().token.release();
      grave.destroy().value();
      return 0;
    case Death::DestroysAndLives:
      wait_for_queued(1);
      grave.destroy().value();
      sleep_for(30s);
      return 0;
    case Death::ThreadEndsAfterTaking:
      hand_may_take = true;
      sleep_for(30s);
      return 0;
    case Death::AnswersThenExits: {
      Request request = grave.receive().value();
      Port::reply(std::move(request.token), {42}).value();
      return 0;
    }
    case Death::ExitsWithSendersBlocked: wait_for_queued(GRANARY_PORT_QUEUE_CAPACITY); return 0;
    case Death::ExitsWhileReplying:
      for (Request request = grave.receive().value();;) {
        if (request.message.opcode == 7) return 0;
        request = grave.reply_and_receive(std::move(request.token), {}).value();
      }
  }
  return 1;
}
