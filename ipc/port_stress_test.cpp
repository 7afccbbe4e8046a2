// SPDX-License-Identifier: Apache-2.0
//
// A port has a home core, so nothing in it runs at once; but any order of operations can come. Many threads drive one
// port here, one at a time under a mutex that stands for the home core, and block outside it: senders, callers, servers
// that die, and somebody who lets deadlines pass. The oracle knows what each was told.
#include "test/fakes/ipc_world.hpp"

#include <mutex>
#include <thread>

#include "test/fakes/stress_cores.hpp"
#include "test/fakes/stress_oracle.hpp"

namespace ipc {
namespace {

using base::Error;
using fakes::Inbox;
using fakes::nothing_held;
using fakes::StressCore;

constexpr std::uint64_t kReplyMark = std::uint64_t{1} << 63;

class PortStress : public fakes::IpcWorld {
 protected:
  static constexpr std::size_t kSenders = 3, kCallers = 3, kServers = 2;

  /// What a caller was told. Its calls are numbered; each is made once.
  struct Told {
    std::uint64_t calls = 0, answered = 0, timed_out = 0, gone = 0, wrong = 0;
  };

  /// One operation on the home core, then the wake-ups, then the wait.
  template <typename Operation>
  base::Result<void> on_home_core(StressCore& core, const Operation& operation) {
    Outcome outcome = Outcome::Completed;
    {
      const std::lock_guard home(home_core_);
      WakeList woken;
      outcome = operation(woken);
      fakes::wake_all(woken);
    }
    return core.status_of(outcome);
  }
  void send(Port& port, StressCore& core, std::uint64_t sender, std::uint64_t each, std::uint64_t& accepted) {
    while (accepted < each) {
      const base::Result<void> status = on_home_core(core, [&](WakeList& woken) {
        return port.send(nothing_held(), core, fakes::stress_message(sender, accepted), 0, kMayBlock, woken);
      });
      if (status.ok()) {
        ++accepted;
      } else if (status.error() == Error::EPIPE) {
        break;
      } else {
        EXPECT_EQ(status.error(), Error::ETIMEDOUT);
      }
    }
  }
  void call(Port& port, StressCore& core, std::uint64_t caller, std::uint64_t each, Told& told) {
    while (told.calls < each) {
      const Message request = fakes::stress_message(caller, told.calls);
      bool was_alive = false;
      const base::Result<void> status = on_home_core(core, [&](WakeList& woken) {
        was_alive = port.is_alive();
        return port.call(nothing_held(), core, request, 0, woken);
      });
      if (!was_alive) {
        EXPECT_EQ(status.error(), Error::EPIPE);
        break;
      }
      ++told.calls;
      if (status.ok()) {
        ++told.answered;
        Message expected = request;
        expected.opcode |= kReplyMark;
        told.wrong += fakes::same_message(core.completion.delivery.message, expected) ? 0 : 1;
      } else {
        (status.error() == Error::ETIMEDOUT ? told.timed_out : told.gone) += 1;
      }
    }
  }
  /// Receives until EPIPE, answers every call, and dies now and then with a call unanswered.
  void serve(Port& port, StressCore& core, Inbox& sends, Inbox& calls, std::uint64_t& lost_replies) {
    std::uint64_t token = 0;
    Message answer = {};
    for (;;) {
      const base::Result<void> status = on_home_core(core, [&](WakeList& woken) {
        if (token == 0) return port.receive(nothing_held(), core, kMayBlock, woken);
        return port.reply_and_receive(nothing_held(), core, token, answer, kMayBlock, woken);
      });
      if (!status.ok()) {
        EXPECT_EQ(status.error(), Error::EPIPE);
        break;
      }
      const Delivery delivery = core.completion.delivery;
      token = delivery.token;
      answer = delivery.message;
      lost_replies += (answer.flags & abi::kFlagReplyLost) != 0 ? 1 : 0;
      answer.flags &= ~abi::kFlagReplyLost;
      (token == 0 ? sends : calls).take(answer);
      answer.opcode |= kReplyMark;
      if (token == 0 || calls.taken % 50 != 0) continue;
      token = 0;
      const std::lock_guard home(home_core_);
      WakeList woken;
      party_dies(core, woken);
      fakes::wake_all(woken);
    }
  }
  /// The deadline of somebody passes, wherever he waits.
  void let_a_deadline_pass(StressCore& core) {
    const std::lock_guard home(home_core_);
    if (core.waiting == Waiting::Nothing) return;
    cancel(core, Error::ETIMEDOUT);
    core.blocker.wake();
  }

  /// The port is destroyed when `after` messages have been received, or at the end (0).
  void run(std::uint64_t each, std::uint64_t after) {
    auto port = make_port();
    StressCore cores[kSenders + kCallers + kServers];
    std::vector<Inbox> sends(kServers, Inbox(kSenders, each));
    std::vector<Inbox> calls(kServers, Inbox(kCallers, each));
    std::vector<std::uint64_t> accepted(kSenders, 0), lost_replies(kServers, 0);
    std::vector<Told> told(kCallers);
    std::atomic<std::size_t> clients{kSenders + kCallers};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kServers; ++i) {
      threads.emplace_back(
          [&, i] { serve(*port, cores[kSenders + kCallers + i], sends[i], calls[i], lost_replies[i]); });
    }
    for (std::size_t i = 0; i < kSenders; ++i) {
      threads.emplace_back([&, i] {
        send(*port, cores[i], i, each, accepted[i]);
        --clients;
      });
    }
    for (std::size_t i = 0; i < kCallers; ++i) {
      threads.emplace_back([&, i] {
        call(*port, cores[kSenders + i], i, each, told[i]);
        --clients;
      });
    }
    for (std::uint64_t i = 0; clients.load() != 0; ++i) {
      if (i % 4 == 0) let_a_deadline_pass(cores[fakes::mixed(i) % (kSenders + kCallers)]);
      std::this_thread::yield();
      const std::lock_guard home(home_core_);
      if (after != 0 && port->statistics().received >= after) break;
    }
    // In steps, so that others come between them.
    for (bool is_done = false; !is_done; std::this_thread::yield()) {
      const std::lock_guard home(home_core_);
      WakeList woken;
      is_done = port->destroy(1, woken);
      fakes::wake_all(woken);
    }
    for (std::thread& thread : threads) thread.join();

    const PortStatistics end = port->statistics();
    const fakes::Verdict sent = fakes::judge(sends, accepted);
    EXPECT_TRUE(sent.is_good()) << sent;
    const fakes::Verdict called = fakes::judge(calls, std::vector<std::uint64_t>(kCallers, each));
    EXPECT_EQ(called.torn + called.doubled + called.disordered, 0u) << called;
    Told all;
    for (const Told& one : told) {
      all.calls += one.calls;
      all.answered += one.answered;
      EXPECT_EQ(one.calls, one.answered + one.timed_out + one.gone);
      EXPECT_EQ(one.wrong, 0u) << "each caller gets the reply to its own call";
    }
    EXPECT_EQ(end.sent, accepted[0] + accepted[1] + accepted[2]);
    EXPECT_EQ(end.received, sent.received + called.received);
    EXPECT_EQ(end.calls, all.calls);
    EXPECT_EQ(end.replies, all.answered);
    EXPECT_EQ(end.queued, 0u);
    EXPECT_GE(called.received, all.answered + end.replies_lost);
    EXPECT_LE(lost_replies[0] + lost_replies[1], end.replies_lost);
    for (StressCore& core : cores) EXPECT_EQ(core.blocker.unused_wakes(), 0u);
    for (StressCore& core : cores) EXPECT_EQ(core.owed.count(), 0u);
    end_port(*port);
    EXPECT_EQ(pool.counts(nothing_held()).taken, 0u);
  }

  std::mutex home_core_;
};

TEST_F(PortStress, P2_P3_P8_nothing_is_lost_and_each_call_ends_once) { run(fakes::stress_messages(10'000) / 6, 0); }

TEST_F(PortStress, P5_P10_destroyed_in_the_middle_everybody_comes_back_and_what_was_sent_is_received) {
  for (std::uint64_t round = 0; round < 60; ++round) run(20'000, 1 + fakes::mixed(round) % 300);
}

}  // namespace
}  // namespace ipc
