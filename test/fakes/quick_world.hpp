// SPDX-License-Identifier: Apache-2.0
//
// Four programs of three priorities that may do everything with one object of each kind, for tests of quick calls.
// `first` is the one that runs; is_quick() says whether its call went the short way, and if not, that nothing has
// changed then.
#pragma once

#include "test/fakes/kernel_world.hpp"

#include "kernel/event_objects.hpp"
#include "kernel/objects.hpp"

namespace fakes {

class QuickWorld : public KernelWorld {
 protected:
  using Call = abi::SystemCall;
  using Right = abi::Right;
  using Type = abi::ObjectType;
  using Words = std::vector<std::uint64_t>;
  static constexpr std::uint64_t kBadge = 0xb1;

  QuickWorld() {
    for (const kernel::Thread* const thread : {&high, &first, &equal, &low}) give(*thread);
    for (const kernel::Thread* const thread : {&high, &equal, &low}) {
      to[thread] =
          grant(first, Type::Port, port_of_[thread], {Right::PortSend, Right::PortCall, Right::PortTransfer}, kBadge);
      of[thread].to_first = grant_port_client(*thread, port_of_[&first]);
    }
  }

  static abi::Quotas some_of_each() {
    using enum abi::QuotaKind;
    abi::Quotas all;
    for (const auto kind : {Bindings, Transfers, Notifications}) all[kind] = 8;
    return all;
  }
  const abi::Quotas given = quotas = some_of_each();
  kernel::Thread& high = add_program("high", 20);
  kernel::Thread& first = add_program("first", 10);
  kernel::Thread& equal = add_program("equal", 10);
  kernel::Thread& low = add_program("low", 5);
  const std::uint32_t channel = add_channel("channel", 2);
  const std::uint32_t async = add_async("async", 2);
  const std::uint32_t notification = add_notification("notification");
  const std::uint32_t semaphore = add_semaphore("semaphore", 0);

  /// What each of them has. `first` is at end 0 of the channel, the others at end 1; each has a port.
  struct Handles {
    std::uint64_t channel, async, notification, semaphore, receive, to_first = 0;
  };
  std::map<const kernel::Thread*, Handles> of;
  std::map<const kernel::Thread*, std::uint64_t> to;  ///< handles of `first`, to their ports

  /// By these calls, each again and again until it waits.
  using Waits = std::map<const kernel::Thread*, std::pair<Call, CallRegisters>>;
  /// Who does not wait sleeps for ever, but for `ready`, who would run if `first` did not. `first` runs.
  void set_up(const Waits& waits, const kernel::Thread* ready = nullptr) {
    start();
    const std::uint64_t wake = clock() + 1000;
    while (clock() < wake) {
      const auto found = waits.find(&running());
      if (found != waits.end()) {
        call(found->second.first, found->second.second);
      } else {
        call(Call::SLEEP_UNTIL, {.deadline = is_running(first) ? wake : &running() == ready ? wake + 1 : kForever});
      }
    }
    pass(1);
    ASSERT_TRUE(is_running(first));
  }

  /// Whether the running thread's call is quick.
  bool is_quick(Call number, const CallRegisters& registers) {
    load(static_cast<std::uint64_t>(number), registers);
    const Words before = picture();
    if (goes_quickly()) return true;
    EXPECT_EQ(picture(), before) << "a call that is not quick has changed something";
    return false;
  }
  static CallRegisters message(std::uint64_t handle, std::uint64_t flags = abi::kFlagEightWords) {
    return {.handle = handle, .x1 = 77, .flags = flags, .words = {1, 2, 3, 4, 5, 6, 7, 8}, .deadline = kForever};
  }
  static CallRegisters bits(std::uint64_t handle, std::uint64_t bits, std::uint64_t deadline = kForever) {
    return {.handle = handle, .words = {bits}, .deadline = deadline};
  }
  /// It has what message() sends, and else nothing.
  static void expect_message(const kernel::Thread& thread, bool has_eight_words = true) {
    const std::uint64_t expected[] = {0, 77, has_eight_words, 1, 2, 3, 4, kBadge, 0, 5, 6, 7, 8, 0};
    for (unsigned i = 0; i < std::size(expected); ++i) {
      const bool is_announced = has_eight_words || i < 9 || i > 12;
      EXPECT_EQ(thread.general[i], is_announced ? expected[i] : 0) << "x" << i;
    }
    EXPECT_EQ(thread.general[14], thread.label) << "all silos have the same";
    expect_clean(thread, {1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 14});
  }
  static void expect_success(const kernel::Thread& thread, std::initializer_list<unsigned> results = {}) {
    EXPECT_EQ(status(thread), 0);
    expect_clean(thread, results);
  }
  static std::pair<std::uint64_t, std::uint64_t> sent_and_received(const kernel::Thread& thread) {
    return {thread.silo().messages_sent, thread.silo().messages_received};
  }

  /// Messages that lie in queues.
  std::uint32_t queued() const { return kernel::object_counts(unlocked()).messages.taken - taken_before_; }
  /// All that a quick call could change.
  Words picture() {
    Words all = {armed_timer().value(), kernel::this_core().has_work(), clock(),
                 kernel::object_counts(unlocked()).messages.taken};
    for (const kernel::Thread* const thread : kernel::all_threads()) {
      all.insert(all.end(), std::begin(thread->general), std::end(thread->general));
      all.insert(all.end(), {thread->processor_state, static_cast<std::uint64_t>(thread->state()),
                             static_cast<std::uint64_t>(thread->blocked_on()),
                             static_cast<std::uint64_t>(thread->waiting.load()), thread->is_timed(), thread->level,
                             thread->silo().messages_sent, thread->silo().messages_received, sum_of(*thread)});
    }
    for (const auto& [thread, number] : port_of_) add_port_to(all, the_port(*thread));
    for (const unsigned end : {0, 1}) {
      const ipc::ChannelStatistics now = the_channel().statistics(unlocked(), end);
      all.insert(all.end(), {now.sent, now.received, now.queued_to_this, now.deepest_queue, now.discarded});
    }
    const ipc::AsyncStatistics now = kernel::async_of(*found(first, of[&first].async)).statistics();
    all.insert(all.end(), {now.sent, now.received, now.dropped, now.deepest_queue, now.queued});
    all.insert(all.end(), {the_notification().bits(), the_semaphore().count()});
    return all;
  }
  static kernel::Capability* found(const kernel::Thread& thread, std::uint64_t handle) {
    return thread.silo().capabilities.lookup(handle).value();
  }
  kernel::PortObject& the_port(const kernel::Thread& thread) {
    return kernel::port_of(*found(thread, of[&thread].receive));
  }
  ipc::Channel& the_channel() { return kernel::channel_of(*found(first, of[&first].channel)); }
  ipc::Notification& the_notification() { return kernel::notification_of(*found(first, of[&first].notification)); }
  ipc::Semaphore& the_semaphore() { return kernel::semaphore_of(*found(first, of[&first].semaphore)); }

 private:
  void give(const kernel::Thread& thread) {
    Handles& mine = of[&thread];
    port_of_[&thread] = add_port(thread, "port_" + std::string(thread.name()));
    mine = {.channel = grant(thread, Type::Channel, channel,
                             {Right::ChannelSend, Right::ChannelReceive, Right::ChannelTransfer}, kBadge,
                             &thread == &first ? 0 : 1),
            .async = grant(thread, Type::AsyncChannel, async, {Right::AsyncSend, Right::AsyncReceive}, kBadge),
            .notification =
                grant(thread, Type::Notification, notification, {Right::NotificationSignal, Right::NotificationWait}),
            .semaphore = grant(thread, Type::Semaphore, semaphore, {Right::SemaphorePost, Right::SemaphoreWait}),
            .receive = grant(thread, Type::Port, port_of_[&thread],
                             {Right::PortReceive, Right::PortDestroy, Right::Grant, Right::PortSend})};
  }
  static void add_port_to(Words& all, kernel::PortObject& port) {
    const ipc::PortStatistics now = port.statistics();
    all.insert(all.end(), {now.sent, now.received, now.queued, now.calls, now.replies, now.deepest_queue,
                           now.replies_lost, now.alive, port.direct_receiver != nullptr});
  }
  static std::uint64_t sum_of(const kernel::Thread& thread) {
    std::uint64_t words[sizeof(abi::MessagePage) / 8], sum = 0;
    std::memcpy(words, &thread.message_page(), sizeof words);
    for (const std::uint64_t word : words) sum = (sum ^ word) * 0x100000001b3;
    return sum;
  }

  std::map<const kernel::Thread*, std::uint32_t> port_of_;
  const std::uint32_t taken_before_ = kernel::object_counts(unlocked()).messages.taken;  ///< by worlds before
};

}  // namespace fakes
