// SPDX-License-Identifier: Apache-2.0
//
// The AsyncChan's state machine. A message goes through the ring even if somebody waits for it, so that there is one
// order and one way to count; the longest waiting receiver takes it out in the same step.
#include "ipc/async_channel.hpp"

namespace ipc {

namespace {

Outcome completed(Party& party, base::Result<void> status, const Delivery& delivery = {}) {
  complete(party, status, delivery);
  return Outcome::Completed;
}

Delivery delivery_of(const AsyncMessage& taken) {
  return Delivery{taken.message, taken.badge, 0, static_cast<std::uint32_t>(taken.label)};
}

}  // namespace

Outcome AsyncChannel::send(Party& sender, const Message& message, std::uint64_t badge, WakeList& wakes) {
  const base::Result<void> queued = ring_.try_push(AsyncMessage{sanitized(message), badge, sender.label});
  if (!queued.ok()) return completed(sender, queued);
  AsyncMessage taken;
  if (!receivers_.is_empty() && ring_.try_pop(taken).ok()) {
    Party& receiver = *receivers_.pop_front();
    complete(receiver, {}, delivery_of(taken));
    wakes.push_back(receiver);
  }
  readable.raise(wakes);
  return completed(sender, {});
}

Outcome AsyncChannel::receive(Party& receiver, Blocking blocking) {
  AsyncMessage taken;
  const base::Result<void> status = ring_.try_pop(taken);
  if (status.ok()) return completed(receiver, status, delivery_of(taken));
  if (status.error() != base::Error::EAGAIN || blocking == Blocking::DoNotBlock) return completed(receiver, status);
  return wait_in(receiver, receivers_, *this);
}

bool AsyncChannel::disconnect(std::uint32_t limit, WakeList& wakes) {
  if (!has_told_of_close_) {
    has_told_of_close_ = true;
    readable.raise(wakes);
  }
  return end_waits(receivers_, limit, base::Error::EPIPE, wakes);
}

}  // namespace ipc
