// SPDX-License-Identifier: Apache-2.0
//
// A pool, parties and words for the tests of ipc/: what a kernel would be to the state machines, as little as possible.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <memory>

#include "ipc/channel.hpp"
#include "ipc/port.hpp"

namespace fakes {

inline base::Held<base::LockRank::Nothing> nothing_held() {
  return base::hold_nothing(base::TokenSource::interrupts_masked());
}

inline ipc::Message message_of(std::uint64_t opcode, std::uint64_t first_word = 0) {
  ipc::Message message{};
  message.opcode = opcode;
  message.word[0] = first_word;
  return message;
}

class IpcWorld : public testing::Test {
 protected:
  struct alignas(64) Page {
    std::byte bytes[4096];
  };
  static constexpr int kPages = 8;

  IpcWorld() : pages_(new Page[kPages]) {
    for (int i = 0; i < kPages; ++i) pool.add_memory(nothing_held(), pages_[i].bytes);
  }

  std::unique_ptr<ipc::Port> make_port() {
    EXPECT_TRUE(pool.reserve(nothing_held(), abi::kPortQueueCapacity).ok());
    return std::make_unique<ipc::Port>(pool);
  }
  void end_port(ipc::Port& port) {
    while (!port.destroy(64, wakes)) {
    }
    port.drain(nothing_held());
    pool.release(nothing_held(), abi::kPortQueueCapacity);
  }
  std::unique_ptr<ipc::Channel> make_channel(std::uint32_t capacity, bool backward = true) {
    EXPECT_TRUE(pool.reserve(nothing_held(), ipc::Channel::nodes_needed(capacity, true, backward)).ok());
    auto channel = std::make_unique<ipc::Channel>(pool, capacity, true, backward);
    channel->add_end(nothing_held(), 0);
    channel->add_end(nothing_held(), 1);
    return channel;
  }
  void close(ipc::Channel& channel, unsigned end) {
    if (!channel.drop_end(nothing_held(), end)) return;
    while (!channel.disconnect(nothing_held(), end, 64, wakes)) {
    }
  }
  void end_channel(ipc::Channel& channel) {
    close(channel, 0);
    close(channel, 1);
    pool.release(nothing_held(), channel.reserved_nodes());
  }

  /// The only woken party, which is taken off the list; null if none or several.
  ipc::Party* woken() {
    if (wakes.size() != 1) return nullptr;
    return wakes.pop_front();
  }
  static bool failed_with(const ipc::Party& party, base::Error error) {
    return !party.completion.status.ok() && party.completion.status.error() == error;
  }
  static bool succeeded(const ipc::Party& party) { return party.completion.status.ok(); }
  static const ipc::Delivery& got(const ipc::Party& party) { return party.completion.delivery; }

  static constexpr auto kMayBlock = ipc::Blocking::MayBlock;
  static constexpr auto kDoNotBlock = ipc::Blocking::DoNotBlock;
  static constexpr auto kCompleted = ipc::Outcome::Completed;
  static constexpr auto kBlocked = ipc::Outcome::Blocked;

  std::unique_ptr<Page[]> pages_;
  ipc::MessagePool pool;
  ipc::WakeList wakes;
};

}  // namespace fakes
