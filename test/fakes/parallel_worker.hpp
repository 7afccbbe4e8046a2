// SPDX-License-Identifier: Apache-2.0
//
// Silos for cores that run at the same time (parallel_cores.hpp), whose traffic can be judged: what is sent arrives
// once and in order, what is answered is what was asked, what is posted is taken.
#pragma once

#include "test/fakes/host_prelude.hpp"

#include <optional>
#include <random>

#include "test/fakes/parallel_cores.hpp"

namespace fakes {

/// What is sent over one way, and what has come out of it. Each end belongs to one program.
struct Way {
  std::uint64_t sent = 0, received = 0;
};
/// What one core's worker gives to that of the next.
struct Ways {
  Way channel, answers, mail;
  std::uint64_t posted = 0, taken = 0;
};

/// Handles of a worker: to its own core's server and the next one's, and to what it shares with both neighbours.
struct Handles {
  std::uint64_t near_server, far_server;
  std::uint64_t to_next, from_previous, mail_to_next, mail_from_previous;
  std::uint64_t post, take, signal, wait;
};

/// A silo that does at random what a silo can do beside others.
class Worker {
 public:
  Worker(const Handles& handles, Ways& to_next, Ways& from_previous, std::uint64_t calls, std::uint64_t seed)
      : handles_(handles), to_next_(to_next), from_previous_(from_previous), left_(calls), random_(seed) {}

  NextCall next(const std::uint64_t (&general)[31]) {
    if (last_.has_value()) judge(*last_, general);
    if (made_ != 0) {
      last_ = Step{Kind::Close};
      return {abi::SystemCall::HANDLE_CLOSE, {.handle = std::exchange(made_, 0)}};
    }
    last_ = Step{static_cast<Kind>(below(static_cast<std::uint64_t>(Kind::Close)))};
    if (left_ != 0) --left_;
    return call_for(*last_);
  }
  /// It has made its calls, and something has reached it by each way; it goes on for the others' sake.
  bool is_done() const {
    return left_ == 0 && from_previous_.channel.received > 2 && to_next_.answers.received > 2 &&
           from_previous_.mail.received > 2 && from_previous_.taken > 2;
  }

 private:
  enum class Kind : std::uint64_t {
    CallNear,
    CallFar,
    SendFar,
    ChannelSend,
    ChannelReceive,
    ChannelAnswer,
    ChannelHear,
    MailSend,
    MailReceive,
    Post,
    Take,
    Signal,
    Wait,
    Sleep,
    Nothing,
    Make,
    Close
  };
  struct Step {
    Kind kind;
    std::uint64_t word = 0;
  };

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  std::uint64_t soon() { return port::now().value() + 1 + below(400); }

  NextCall call_for(Step& step) {
    const auto with = [](std::uint64_t handle, std::uint64_t word, std::uint64_t deadline) {
      return CallRegisters{.handle = handle, .words = {word, 0, 0, 0}, .deadline = deadline};
    };
    step.word = random_();
    switch (step.kind) {
      case Kind::CallNear:
        return {abi::SystemCall::PORT_CALL, with(handles_.near_server, step.word, abi::kDeadlineForever)};
      case Kind::CallFar:
        return {abi::SystemCall::PORT_CALL,
                with(handles_.far_server, step.word, below(4) == 0 ? soon() : abi::kDeadlineForever)};
      case Kind::SendFar: return {abi::SystemCall::PORT_SEND, with(handles_.far_server, step.word, soon())};
      case Kind::ChannelSend:
        return {abi::SystemCall::CHAN_SEND, with(handles_.to_next, to_next_.channel.sent + 1, soon())};
      case Kind::ChannelReceive: return {abi::SystemCall::CHAN_RECV, with(handles_.from_previous, 0, soon())};
      case Kind::ChannelAnswer:
        return {abi::SystemCall::CHAN_TRY_SEND, with(handles_.from_previous, from_previous_.answers.sent + 1, 0)};
      case Kind::ChannelHear: return {abi::SystemCall::CHAN_RECV, with(handles_.to_next, 0, soon())};
      case Kind::MailSend: return {abi::SystemCall::ASYNC_SEND, with(handles_.mail_to_next, to_next_.mail.sent + 1, 0)};
      case Kind::MailReceive: return {abi::SystemCall::ASYNC_RECEIVE, with(handles_.mail_from_previous, 0, soon())};
      case Kind::Post: return {abi::SystemCall::SEMAPHORE_POST, with(handles_.post, 0, 0)};
      case Kind::Take: return {abi::SystemCall::SEMAPHORE_WAIT, with(handles_.take, 0, soon())};
      case Kind::Signal: return {abi::SystemCall::NOTIFICATION_SIGNAL, with(handles_.signal, 1, 0)};
      case Kind::Wait: return {abi::SystemCall::NOTIFICATION_WAIT, with(handles_.wait, 1, soon())};
      case Kind::Sleep: return {abi::SystemCall::SLEEP_UNTIL, with(0, 0, soon())};
      case Kind::Make: return {abi::SystemCall::PORT_CREATE, with(0, 1, 0)};
      case Kind::Nothing: return {abi::SystemCall::NULL_CALL, with(0, 0, 0)};
      case Kind::Close: break;
    }
    return {abi::SystemCall::SLEEP_UNTIL, with(0, 0, abi::kDeadlineForever)};
  }

  static bool is_one_of(std::uint64_t status, std::initializer_list<base::Error> errors) {
    for (const base::Error error : errors) {
      if (static_cast<std::int64_t>(status) == -static_cast<std::int64_t>(error)) return true;
    }
    return false;
  }
  /// Whether it was done; if not, its time was up or there was no room.
  static bool was_done(const std::uint64_t (&general)[31]) {
    if (general[0] == 0) return true;
    EXPECT_TRUE(is_one_of(general[0], {base::Error::ETIMEDOUT, base::Error::EAGAIN}))
        << static_cast<std::int64_t>(general[0]);
    return false;
  }
  void judge(const Step& step, const std::uint64_t (&general)[31]) {
    if (!was_done(general)) return;
    switch (step.kind) {
      case Kind::CallNear:
      case Kind::CallFar: EXPECT_EQ(general[3], step.word + 1); break;
      case Kind::ChannelSend: ++to_next_.channel.sent; break;
      case Kind::ChannelReceive: EXPECT_EQ(general[3], ++from_previous_.channel.received); break;
      case Kind::ChannelAnswer: ++from_previous_.answers.sent; break;
      case Kind::ChannelHear: EXPECT_EQ(general[3], ++to_next_.answers.received); break;
      case Kind::MailSend: ++to_next_.mail.sent; break;
      case Kind::MailReceive: EXPECT_EQ(general[3], ++from_previous_.mail.received); break;
      case Kind::Post: ++to_next_.posted; break;
      case Kind::Take: ++from_previous_.taken; break;
      case Kind::Make: made_ = general[3]; break;
      default: break;
    }
  }

  const Handles handles_;
  Ways& to_next_;
  Ways& from_previous_;
  std::uint64_t left_;
  std::uint64_t made_ = 0;  ///< a handle to be closed
  std::minstd_rand random_;
  std::optional<Step> last_;
};

}  // namespace fakes
