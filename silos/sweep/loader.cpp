// SPDX-License-Identifier: Apache-2.0
//
// One of seven in a ring: numbers its messages to the next one, checks the numbers of the one before, and in between
// does to the crasher what its number says. One program serves all: the manifest gives each the same objects, in the
// order of its kinds, and loader 0 one channel more.
#include "storm.hpp"

using namespace storm;

namespace {

const unsigned me = static_cast<unsigned>(argument());
const std::uint32_t shift = me == 0 ? 1 : 0;
// The console's is the first.
const Port service(abi::make_manifest_handle(2));
const granary::Channel feed(abi::make_manifest_handle(5));  // of loader 0 alone
const AsyncChannel mail(abi::make_manifest_handle(5 + shift));
const Notification bell(abi::make_manifest_handle(6 + shift));
const Semaphore gate(abi::make_manifest_handle(7 + shift));
const Region board_region(abi::make_manifest_handle(8 + shift));

void blame(Load& load, Wrong what, int status = 0) {
  if (load.wrong.load() == 0) load.wrong.store(what | static_cast<std::uint64_t>(status) << 8);
}
template <typename T, typename... Errors>
bool did(Load& load, const Result<T>& outcome, Errors... also) {
  if (outcome.ok()) {
    load.done.fetch_add(1);
    return true;
  }
  if (outcome.error() == kPeerRestarted) {
    load.restarted.fetch_add(1);
  } else if (!((outcome.error() == also) || ...)) {
    blame(load, kStatus, outcome.error().number());
  }
  return false;
}

std::uint64_t fed = 0, asked = 0;

void bother(Load& load) {
  using std::chrono::milliseconds;
  switch (me) {
    case 0:
      if (feed.try_send({1, {fed + 1}}).ok()) ++fed, load.done.fetch_add(1);
      return;
    case 1:
    case 2: {
      const auto answer = service.call({1, {++asked}}, me == 1 ? forever : Deadline(milliseconds(5)));
      if (did(load, answer, kTimedOut) && answer->words[0] != asked + 1) blame(load, kNumber);
      return;
    }
    case 3: did(load, service.send({2, {++asked}}, milliseconds(1)), kTimedOut); return;
    case 4: did(load, mail.send({3}), kWouldBlock); return;
    case 5:
      did(load, bell.signal(bell.info().value().badge));
      did(load, gate.post());
      return;
    default: {
      const auto semaphore = Semaphore::create(0);
      // What was lent to a life that is over may still be on its way back.
      if (!did(load, semaphore, kQuotaExceeded)) return;
      const auto answer = service.call_with({4, {++asked}}, *semaphore, GRANARY_RIGHT_SEMAPHORE_POST, milliseconds(5));
      if (did(load, answer, kTimedOut, kQuotaExceeded) && answer->words[0] != asked + 1) blame(load, kNumber);
      semaphore->close().ignore();
      return;
    }
  }
}

void receive(Load& load, const granary::Channel& in) {
  for (auto delivery = in.try_receive(); delivery.ok(); delivery = in.try_receive()) {
    if (delivery->message.words[0] != load.received.load() + 1) blame(load, kNumber);
    load.received.store(delivery->message.words[0]);
  }
}

}  // namespace

int main() {
  Board& board = map_board(board_region);
  Load& load = board.load[me];
  granary::Channel in(abi::make_manifest_handle(3)), out(abi::make_manifest_handle(4));
  if ((in.info().value().rights & GRANARY_RIGHT_CHANNEL_SEND) != 0) std::swap(in, out);
  for (;;) {
    receive(load, in);
    if (board.rest.load() != 0) {
      load.resting.store(1);
      sleep_ticks(20'000);
      continue;
    }
    load.resting.store(0);
    if (out.try_send({1, {load.sent.load() + 1}}).ok()) load.sent.fetch_add(1);
    bother(load);
    sleep_ticks(3'000);
  }
}
