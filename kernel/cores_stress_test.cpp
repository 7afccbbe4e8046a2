// SPDX-License-Identifier: Apache-2.0
//
// Cores at the same time, as threads of the host: calls, sends and replies between them, and what silos of several of
// them share. What is sent arrives once and in order, what is answered is what was asked, what is posted is taken.
// Under ThreadSanitizer (make test-tsan) this says that no two cores touch anything without an order between them: the
// inboxes, the visits in them, the queues, and everything that is done in shared sections.
#include "test/fakes/host_prelude.hpp"

#include <cstdlib>

#include "test/fakes/parallel_wanderer.hpp"
#include "test/fakes/parallel_worker.hpp"

namespace kernel {
namespace {

using abi::ObjectType;
using abi::Right;
using fakes::Handles;
using fakes::Operator;
using fakes::Wanderer;
using fakes::Ways;
using fakes::Worker;
using Call = abi::SystemCall;

constexpr std::uint32_t kCores = 3;

std::uint64_t calls_of_each() {
  const char* const messages = std::getenv("GRANARY_STRESS_MESSAGES");
  return messages == nullptr ? 400 : std::strtoull(messages, nullptr, 10) / 2;
}

struct CoresStressTest : fakes::ParallelCores {
  CoresStressTest() : ParallelCores(kCores) {}

  /// Answers each call with one more than its word.
  void add_server(std::uint32_t core) {
    Thread& server = add_on(core, "server" + std::to_string(core), 20);
    ports[core] = add_port(server, "port" + std::to_string(core));
    const std::uint64_t port = grant_port_server(server, ports[core]);
    run_on(server, [port, has_begun = false](const std::uint64_t(&general)[31]) mutable {
      const std::uint64_t token = has_begun && general[0] == 0 ? general[8] : 0;
      const bool is_call = std::exchange(has_begun, true) && token != 0;
      if (!is_call) return fakes::NextCall{Call::PORT_RECEIVE, {.handle = port}};
      return fakes::NextCall{Call::PORT_REPLY_AND_RECEIVE,
                             {.handle = port, .words = {general[3] + 1, 0, 0, 0}, .token = token}};
    });
  }
  void add_worker(std::uint32_t core, std::uint8_t priority, std::uint64_t seed) {
    const std::string name = "worker" + std::to_string(core);
    workers[core] = &add_on(core, name, priority);
    for (const std::uint32_t i : {0u, 1u, 2u}) names[core][i] = name + "_" + std::to_string(i);
    channels[core] = add_channel(names[core][0], 4);
    mails[core] = add_async(names[core][1], 4);
    semaphores[core] = add_semaphore(names[core][2], 0);
    notifications[core] = add_notification(name);
    seeds[core] = seed;
  }
  /// Two silos of the core that hand each other a word to and fro, which is nobody else's business.
  void add_pair(std::uint32_t core) {
    const std::uint32_t channel = add_channel("pair" + std::to_string(core), 4);
    for (const std::uint32_t end : {0u, 1u}) {
      Thread& thread = add_on(core, "end" + std::to_string(2 * core + end), 5);
      const std::uint64_t handle =
          grant(thread, ObjectType::Channel, channel, {Right::ChannelSend, Right::ChannelReceive}, 0, end);
      run_on(thread, [handle, sends = end == 0](const std::uint64_t(&)[31]) mutable {
        sends = !sends;
        return fakes::NextCall{sends ? Call::CHAN_RECV : Call::CHAN_SEND, {.handle = handle}};
      });
    }
  }
  void connect(std::uint32_t core) {
    Thread& worker = *workers[core];
    const std::uint32_t next = (core + 1) % kCores, previous = (core + kCores - 1) % kCores;
    const auto both = {Right::ChannelSend, Right::ChannelReceive};
    const Handles handles = {
        .near_server = grant_port_client(worker, ports[core]),
        .far_server = grant_port_client(worker, ports[next]),
        .to_next = grant(worker, ObjectType::Channel, channels[core], both, 0, 0),
        .from_previous = grant(worker, ObjectType::Channel, channels[previous], both, 0, 1),
        .mail_to_next = grant(worker, ObjectType::AsyncChannel, mails[core], {Right::AsyncSend}),
        .mail_from_previous = grant(worker, ObjectType::AsyncChannel, mails[previous], {Right::AsyncReceive}),
        .post = grant(worker, ObjectType::Semaphore, semaphores[core], {Right::SemaphorePost}),
        .take = grant(worker, ObjectType::Semaphore, semaphores[previous], {Right::SemaphoreWait}),
        .signal = grant(worker, ObjectType::Notification, notifications[core], {Right::NotificationSignal}),
        .wait = grant(worker, ObjectType::Notification, notifications[previous], {Right::NotificationWait})};
    run_on(worker, [this, work = Worker(handles, ways[core], ways[previous], calls_of_each(), seeds[core]),
                    was_done = false](const std::uint64_t(&general)[31]) mutable {
      const fakes::NextCall call = work.next(general);
      if (work.is_done() && !std::exchange(was_done, true)) done();
      return call;
    });
  }

  std::uint32_t ports[kCores], channels[kCores], mails[kCores], semaphores[kCores], notifications[kCores];
  Thread* workers[kCores];
  std::string names[kCores][3];
  std::uint64_t seeds[kCores];
  Ways ways[kCores];
};

TEST_F(CoresStressTest, nothing_is_lost_between_cores_that_run_at_the_same_time) {
  for (std::uint32_t core = 0; core < kCores; ++core) add_server(core);
  for (std::uint32_t core = 0; core < kCores; ++core) add_worker(core, 10, core + 1);
  for (std::uint32_t core = 0; core < kCores; ++core) connect(core);
  run(kCores);
  for (const Ways& way : ways) {
    EXPECT_GE(way.channel.sent, way.channel.received);
    EXPECT_LE(way.channel.sent, way.channel.received + 5);
    EXPECT_LE(way.mail.sent, way.mail.received + 5);
    EXPECT_GE(way.posted, way.taken);
  }
  EXPECT_GT(short_forms, calls_of_each());
}

TEST_F(CoresStressTest, who_looks_at_all_and_restarts_some_disturbs_nobody) {
  for (std::uint32_t core = 0; core < kCores; ++core) add_server(core);
  for (std::uint32_t core = 0; core < kCores; ++core) add_worker(core, 10, core + 11);
  for (std::uint32_t core = 0; core < kCores; ++core) add_pair(core);
  for (std::uint32_t core = 0; core < kCores; ++core) connect(core);
  std::vector<std::uint64_t> victims;
  for (std::uint32_t core = 0; core < kCores; ++core) {
    // A silo that comes and goes, in the middle of calls of all lengths.
    Thread& victim = add_on(core, "victim" + std::to_string(core), 12);
    victims.push_back(victim.silo().id.value());
    const std::uint64_t near = grant_port_client(victim, ports[core]);
    const std::uint64_t far = grant_port_client(victim, ports[(core + 1) % kCores]);
    run_on(victim, [near, far, random = std::minstd_rand(core + 5)](const std::uint64_t(&)[31]) mutable {
      switch (random() % 3) {
        case 0: return fakes::NextCall{Call::PORT_CALL, {.handle = near}};
        case 1: return fakes::NextCall{Call::PORT_CALL, {.handle = far}};
        default: return fakes::NextCall{Call::SLEEP_UNTIL, {.deadline = port::now().value() + random() % 300}};
      }
    });
  }
  Thread& thread = add_on(1, "operator", 30);
  const std::uint64_t system =
      grant(thread, ObjectType::System, 0, {Right::SystemObserve, Right::SystemStart, Right::SystemKill});
  Operator work(system, victims, calls_of_each() / 4);
  run_on(thread, [&, was_done = false](const std::uint64_t(&general)[31]) mutable {
    const fakes::NextCall call = work.next(general);
    if (work.is_done() && !std::exchange(was_done, true)) done();
    return call;
  });
  run(kCores + 1);
  EXPECT_GT(work.restarts, calls_of_each() / 64);
}

TEST_F(CoresStressTest, what_is_shared_may_be_bound_passed_on_and_revoked_meanwhile) {
  for (std::uint32_t core = 0; core < kCores; ++core) add_server(core);
  for (std::uint32_t core = 0; core < kCores; ++core) add_worker(core, 10, core + 21);
  for (std::uint32_t core = 0; core < kCores; ++core) connect(core);
  for (std::uint32_t core = 0; core < kCores; ++core) add_pair(core);
  const auto everything = {Right::Duplicate,   Right::Grant,          Right::Revoke,
                           Right::ChannelSend, Right::ChannelReceive, Right::ChannelTransfer};
  const std::uint32_t channel = add_channel("common", 8);
  const std::uint32_t notification = add_notification("bell");
  std::vector<Wanderer> wanderers;
  for (std::uint32_t& limit : quotas.limit) limit = std::max(limit, 8u);
  wanderers.reserve(kCores);
  for (std::uint32_t core = 0; core < kCores; ++core) {
    Thread& thread = add_on(core, "wanderer" + std::to_string(core), 14);
    const std::uint64_t bell = grant(thread, ObjectType::Notification, notification,
                                     {Right::Duplicate, Right::NotificationSignal, Right::NotificationWait});
    wanderers.emplace_back(
        std::vector{grant(thread, ObjectType::Channel, channel, everything, 0, core % 2),
                    grant(thread, ObjectType::Port, ports[(core + 1) % kCores], {Right::Duplicate, Right::PortSend}),
                    grant(thread, ObjectType::Channel, channel, everything, 0, 1 - core % 2), bell},
        bell, calls_of_each(), core + 31);
    run_on(thread, [this, &work = wanderers.back(), was_done = false](const std::uint64_t(&general)[31]) mutable {
      const fakes::NextCall call = work.next(general);
      if (work.is_done() && !std::exchange(was_done, true)) done();
      return call;
    });
  }
  run(2 * kCores);
  for (const Wanderer& wanderer : wanderers) EXPECT_GT(wanderer.succeeded, calls_of_each() / 4);
}

}  // namespace
}  // namespace kernel
