// SPDX-License-Identifier: Apache-2.0
//
// Who takes part in quick traffic (quick_traffic.hpp), and what each of them has: six silos with up to three threads of
// three priorities, half of which own a port and serve it, and a ticker that never waits for anybody.
#pragma once

#include <random>

#include "test/fakes/kernel_world.hpp"

namespace fakes {

class QuickPopulation : public KernelWorld {
 protected:
  using Call = abi::SystemCall;
  using Right = abi::Right;
  using Handles = std::vector<std::uint64_t>;
  static constexpr std::uint64_t bit(Right right) { return static_cast<std::uint64_t>(right); }

  explicit QuickPopulation(std::uint64_t seed) : KernelWorld(kPages), random_(seed) {
    using enum abi::QuotaKind;
    for (const auto kind : {Notifications, Semaphores, Timers, Bindings, Transfers, Channels, Messages})
      quotas[kind] = 20;
    make_workers();
    make_objects();
    make_ticker();
  }

  /// What a silo has.
  struct Group {
    Handles ports, receives, channels, asyncs, async_receives, signals, waits, semaphores;
    Handles timers, copies, gifts;  ///< that have come later
    /// Of those that it was given.
    const Handles& any_kind(std::uint64_t choice) const {
      const Handles* const kinds[] = {&ports, &channels, &asyncs, &signals, &waits, &semaphores, &async_receives};
      return *kinds[choice % std::size(kinds)];
    }
  };
  struct Actor {
    kernel::Thread* thread;
    bool is_ticker = false;
    bool serves = false;  ///< it waits for nothing but messages of its port
    std::vector<std::uint64_t> tokens = {};
    Call pending = Call::NULL_CALL;
    std::uint64_t handle = 0, word = 0;  ///< of that
    std::uint64_t answered = 0;
    std::uint64_t floating = 0;  ///< what its floating-point registers hold
  };

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool one_in(unsigned count) { return below(count) == 0; }
  std::uint64_t any(const Handles& all) { return all.empty() ? 0 : spoiled(all[below(all.size())]); }
  std::uint64_t spoiled(std::uint64_t handle) {
    if (!one_in(120)) return handle;
    return one_in(2) ? handle + (std::uint64_t{1} << 32) : handle ^ (std::uint64_t{1} << below(20));
  }
  Group& group_of(const Actor& actor) { return groups_[actor.thread->silo().id.value()]; }
  Actor& actor_of(const kernel::Thread& thread) {
    for (Actor& actor : actors_) {
      if (actor.thread == &thread) return actor;
    }
    ADD_FAILURE() << "nobody knows this thread";
    std::abort();
  }

  std::mt19937_64 random_;
  std::vector<Actor> actors_;
  Handles observed_;
  std::uint64_t trace_ = 0, audit_ = 0;

 private:
  static constexpr std::uint64_t kPages = 320;
  static constexpr unsigned kSilos = 6, kOwners = 3;

  void make_workers() {
    constexpr std::uint8_t kPriorities[] = {10, 10, 10, 12, 15};
    for (unsigned i = 0; i < kSilos; ++i) {
      const std::string name = "worker" + std::to_string(i);
      const base::SiloId silo = add_silo(name, 64, {.messages = i == kSilos - 1 ? 2'000u : 0u, .bytes = 0, .burst = 4});
      for (unsigned j = 0; j < 1 + i % 3; ++j) {
        const std::string thread_name = name + "_" + std::to_string(j);
        kernel::Thread& thread = add_thread(silo, thread_name, kPriorities[below(std::size(kPriorities))]);
        actors_.push_back({.thread = &thread, .serves = j == 0 && i < kOwners});
        if (j == 0) owners_.push_back(actors_.back().thread);
      }
    }
  }
  void make_objects() {
    for (unsigned i = 0; i < kOwners; ++i) ports_.push_back(add_port(*owners_[i], "port" + std::to_string(i)));
    for (const unsigned capacity : {1, 2, 5, 16})
      channels_.push_back(add_channel("channel" + std::to_string(capacity), capacity));
    for (const unsigned capacity : {2, 20}) asyncs_.push_back(add_async("async" + std::to_string(capacity), capacity));
    for (unsigned i = 0; i < 3; ++i) notifications_.push_back(add_notification("notification" + std::to_string(i)));
    for (unsigned i = 0; i < 2; ++i) semaphores_.push_back(add_semaphore("semaphore" + std::to_string(i), i));
    for (unsigned i = 0; i < kSilos; ++i) give(*owners_[i], i);
  }
  void give(const kernel::Thread& to, unsigned number) {
    using enum abi::Right;
    using Type = abi::ObjectType;
    Group& group = groups_[to.silo().id.value()];
    const std::uint64_t badge = number + 1;
    for (unsigned i = 0; i < ports_.size(); ++i) {
      group.ports.push_back(grant(to, Type::Port, ports_[i],
                                  {PortSend, PortCall, PortTransfer, Duplicate, Revoke, Grant}, badge * 16 + i));
      if (i == number) {
        group.receives.push_back(grant(to, Type::Port, ports_[i], {PortReceive, PortDestroy, Duplicate, Revoke}));
        group.receives.push_back(grant_port_server(to, ports_[i]));
      }
    }
    for (unsigned i = 0; i < channels_.size(); ++i)
      group.channels.push_back(grant(to, Type::Channel, channels_[i],
                                     {ChannelSend, ChannelReceive, ChannelTransfer, Duplicate, Revoke, Grant}, badge,
                                     (i + number) % 2));
    for (unsigned i = 0; i < asyncs_.size(); ++i) {
      group.asyncs.push_back(grant(to, Type::AsyncChannel, asyncs_[i], {AsyncSend, Duplicate, Revoke}, badge));
      if ((i + number) % 2 == 0)
        group.async_receives.push_back(grant(to, Type::AsyncChannel, asyncs_[i], {AsyncReceive, Duplicate}));
    }
    for (unsigned i = 0; i < notifications_.size(); ++i) {
      group.signals.push_back(grant(to, Type::Notification, notifications_[i], {NotificationSignal, Duplicate, Revoke},
                                    number % 3 == 0 ? 0xff : 0));
      group.waits.push_back(
          grant(to, Type::Notification, notifications_[i], {NotificationWait, NotificationSignal, Duplicate, Revoke}));
    }
    for (const std::uint32_t semaphore : semaphores_)
      group.semaphores.push_back(
          grant(to, Type::Semaphore, semaphore, {SemaphorePost, SemaphoreWait, Duplicate, Revoke}));
  }
  /// More urgent than all. It keeps time going, lets others go on, and asks how they are.
  void make_ticker() {
    kernel::Thread& ticker = add_program("ticker", 40);
    give(ticker, kSilos);
    give(ticker, kSilos + 1);  // the other ends
    actors_.push_back({.thread = &ticker, .is_ticker = true});
    trace_ = grant(ticker, abi::ObjectType::Trace, 0, {Right::TraceControl});
    audit_ = grant(ticker, abi::ObjectType::Audit, 0, {Right::AuditRead});
    for (unsigned i = 0; i < kSilos; ++i)
      observed_.push_back(grant(ticker, abi::ObjectType::Silo, i, {Right::SiloObserve}));
  }

  std::map<std::uint32_t, Group> groups_;
  std::vector<std::uint32_t> ports_, channels_, asyncs_, notifications_, semaphores_;
  std::vector<kernel::Thread*> owners_;
};

}  // namespace fakes
