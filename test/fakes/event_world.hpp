// SPDX-License-Identifier: Apache-2.0
//
// A kernel whose silos may make events: two programs and what the tests of notifications, semaphores, timers and
// waiting share. A test that ends looks whether everything was given back.
#pragma once

#include "test/fakes/kernel_world.hpp"

#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"

namespace fakes {

class EventWorld : public KernelWorld {
 protected:
  using Call = abi::SystemCall;
  using Right = abi::Right;
  static constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }
  static constexpr std::uint64_t kPeriod = kFrequency * 50 / 1'000'000;  ///< the shortest

  EventWorld() {
    using enum abi::QuotaKind;
    for (const auto kind : {Notifications, Semaphores, Timers, Bindings}) quotas[kind] = 20;
  }

  /// What is there when the silos begin is the manifest's.
  void start() {
    before = kernel::object_counts(unlocked());
    KernelWorld::start();
  }

  /// The handle that the running thread gets of this call.
  std::uint64_t made_by(Call number, std::vector<std::uint64_t> words = {}) {
    const kernel::Thread& caller = call(number, {.words = std::move(words)});
    EXPECT_EQ(status(caller), 0);
    return caller.general[3];
  }
  std::uint64_t new_notification() { return made_by(Call::NOTIFICATION_CREATE); }
  std::uint64_t new_semaphore(std::uint64_t count = 0) { return made_by(Call::SEMAPHORE_CREATE, {count}); }
  std::uint64_t new_timer(std::uint64_t notification, std::uint64_t bits = 1) {
    return made_by(Call::TIMER_CREATE, {notification, bits});
  }
  std::uint64_t copy(std::uint64_t handle, std::uint64_t rights) {
    const kernel::Thread& caller = call(Call::HANDLE_DUPLICATE, {.handle = handle, .words = {rights}});
    EXPECT_EQ(status(caller), 0);
    return caller.general[3];
  }
  void close(std::uint64_t handle) { EXPECT_EQ(status_of(Call::HANDLE_CLOSE, {.handle = handle}), 0); }
  std::int64_t signal(std::uint64_t handle, std::uint64_t bits) {
    return status_of(Call::NOTIFICATION_SIGNAL, {.handle = handle, .words = {bits}});
  }
  /// What a wait that does not block takes, or its negative status.
  std::int64_t take(std::uint64_t handle, std::uint64_t mask = ~std::uint64_t{0}) {
    const kernel::Thread& caller = call(Call::NOTIFICATION_WAIT, {.handle = handle, .words = {mask}, .deadline = 0});
    return status(caller) == 0 ? static_cast<std::int64_t>(caller.general[3]) : status(caller);
  }
  std::int64_t set_timer(std::uint64_t timer, std::uint64_t first, std::uint64_t period = 0) {
    return status_of(Call::TIMER_SET, {.handle = timer, .words = {first, period}});
  }
  std::int64_t bind(std::uint64_t object, std::uint64_t notification, std::uint64_t bits, std::uint64_t events = 1) {
    return status_of(Call::BIND, {.handle = object, .words = {notification, bits, events}});
  }
  std::int64_t unbind(std::uint64_t object, std::uint64_t notification) {
    return status_of(Call::UNBIND, {.handle = object, .words = {notification}});
  }
  /// WAIT_ANY for handles with their events in the low bits. X0 is dirt that must not matter.
  CallRegisters any_of(std::vector<std::uint64_t> places, std::uint64_t deadline = kForever) {
    const std::uint64_t count = places.size();
    return {.handle = places[0] & ~std::uint64_t{63}, .x1 = count, .words = std::move(places), .deadline = deadline};
  }
  /// What a WAIT_ANY that does not block finds ready, or its negative status.
  std::int64_t ready(std::vector<std::uint64_t> places) {
    const kernel::Thread& caller = call(Call::WAIT_ANY, any_of(std::move(places), 0));
    return status(caller) == 0 ? static_cast<std::int64_t>(caller.general[3]) : status(caller);
  }
  static std::uint32_t used(const kernel::Thread& thread, abi::QuotaKind kind) {
    return thread.silo().quota(kind).used();
  }
  /// Nothing of what a silo can make is left of it.
  void expect_nothing_left(const kernel::Thread& thread) {
    using enum abi::QuotaKind;
    for (const auto kind : {Ports, Channels, Messages, Notifications, Semaphores, Timers, Bindings})
      EXPECT_EQ(used(thread, kind), 0u) << static_cast<int>(kind);
    const kernel::ObjectCounts now = kernel::object_counts(unlocked());
    EXPECT_EQ(now.notifications, before.notifications);
    EXPECT_EQ(now.semaphores, before.semaphores);
    EXPECT_EQ(now.timers, before.timers);
    EXPECT_EQ(now.bindings, before.bindings);
  }

  kernel::ObjectCounts before;
};

/// The same with something to watch: a port, a channel for one message each way, and how another silo is. `high` has
/// what is taken from, `low` lets it happen.
struct WatchedWorld : EventWorld {
  kernel::Thread& high = add_program("high", 20);
  kernel::Thread& low = add_program("low", 10);
  std::uint32_t port = add_port(high, "port");
  std::uint64_t receive = grant_port_server(high, port);
  std::uint64_t send = grant_port_client(low, port);
  std::uint32_t channel = add_channel("channel", 1);
  std::uint64_t here =
      grant(high, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 0);
  std::uint64_t there =
      grant(low, abi::ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, 1);
  std::uint64_t observe = grant(high, abi::ObjectType::Silo, 1, {Right::SiloObserve});

  /// high blocks for these, low does the call; what high is told then.
  std::uint64_t woken_by(std::vector<std::uint64_t> places, Call number, const CallRegisters& registers) {
    call(Call::WAIT_ANY, any_of(std::move(places)));
    EXPECT_TRUE(is_running(low));
    call(number, registers);
    EXPECT_TRUE(is_running(high));
    EXPECT_EQ(status(high), 0);
    expect_clean(high, {3});
    return high.general[3];
  }
};

}  // namespace fakes
