// SPDX-License-Identifier: Apache-2.0
//
// Executor: many things to wait for, one thread. Each is written as a task, a coroutine that waits with co_await as if
// it had the thread to itself; the executor waits for all of them at once (WAIT_ANY) and goes on with whoever can.
//
//   Task serve(Executor& executor) {                       // a task's first parameter is its executor
//     for (;;) {
//       Result<Request> request = co_await executor.receive(handles::service);
//       if (!request) co_return;
//       Port::reply(std::move(request->token), answer_to(request->message)).ignore();
//     }
//   }
//   StaticExecutor<2> executor;                            // memory for two tasks: there is no heap in it
//   int main() {
//     executor.start(serve(executor)).value();
//     executor.start(blink(executor)).value();
//     executor.run().value();                              // until every task has ended
//   }
//
// Between two co_await no other task runs, so tasks need no locks among themselves; and one that waits by other means
// (a call, sleep_for) or computes for long keeps all of them waiting.
// INVARIANT: an executor belongs to one thread. A wait is in one of the two lists `waiting_` and `runnable_`, or in
// none while its task runs. What a task takes is its own: nothing is taken that no task has asked for, but bits of a
// notification, which the executor keeps for the next task that asks (so a notification has one executor only).
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "granary/clock.hpp"
#include "granary/task.hpp"
#include "granary/wait.hpp"

namespace granary {

class Executor {
 public:
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  /// The task begins when the executor runs. kNoMemory if it got no frame; what it lacked stands on the console.
  Result<void> start(Task task);
  /// Runs tasks until none is left, or stop(). An error of the wait itself, which no task can be told.
  Result<void> run();
  /// One round: waits for what comes first, not longer than `limit`, and resumes the tasks that can go on. False if
  /// there is none left.
  Result<bool> run_once(Deadline limit = forever);
  /// run() returns when the running task waits next. The others stay as they are, and go on with the next run().
  void stop() { stopped_ = true; }
  /// Ends all tasks where they are. Not from within a task.
  void clear();
  /// Tasks that have not ended.
  unsigned tasks() const { return tasks_; }
  /// The largest frame that a task has asked for so far, in bytes: what StaticExecutor's second number must be.
  std::size_t largest_frame() const { return largest_frame_; }

  // ---- what a task waits for: co_await executor.receive(port). All give a Result; kTimedOut behind the deadline,
  // ---- kTableFull if tasks wait for eight different objects already.

  /// The next message of a port, channel or AsyncChannel.
  template <typename Object>
  auto receive(const Object& object, Deadline deadline = forever) {
    return wait_until(object.value(), Events::Readable, deadline, [object] { return object.try_receive(); });
  }
  /// Queued in a channel or port, when there is room.
  template <typename Object>
  auto send(const Object& object, const Message& message, Deadline deadline = forever) {
    return wait_until(object.value(), Events::Writable, deadline,
                      [object, message] { return object.try_send(message); });
  }
  /// One unit of a semaphore.
  template <typename Object>
  auto take(const Object& semaphore, Deadline deadline = forever) {
    return wait_until(semaphore.value(), Events::Readable, deadline, [semaphore] { return semaphore.try_wait(); });
  }
  /// Bits of a notification: those of the mask that are set, at least one. Timers, interrupts and bound objects come
  /// this way; with bindings one notification stands for up to 64 objects.
  template <typename Object>
  auto bits(const Object& notification, std::uint64_t mask, Deadline deadline = forever) {
    return wait_until(notification.value(), Events::Readable, deadline,
                      [this, notification, mask] { return take_bits(notification, mask); });
  }
  /// Until a silo that this one observes has stopped, or anything else is readable; nothing is taken.
  template <typename Object>
  auto ready(const Object& object, Events events = Events::Readable, Deadline deadline = forever) {
    return wait_until(object.value(), events, deadline, [asked = false]() mutable -> Result<void> {
      if (!std::exchange(asked, true)) return kWouldBlock;
      return {};
    });
  }
  /// Until then.
  auto sleep(Deadline deadline) { return detail::Sleep(*this, deadline); }
  /// The other tasks that can go on do so first.
  auto yield() { return detail::Yield(*this); }

 protected:
  /// `memory` for frames of `frame_bytes` each; it outlives the executor. Not aligned to 16: some of it is not used.
  Executor(std::span<std::byte> memory, std::size_t frame_bytes);

 private:
  friend struct detail::TaskPromise;
  template <typename Outcome, typename Attempt>
  friend class detail::Wait;
  friend class detail::Sleep;
  friend class detail::Yield;

  template <typename Attempt>
  auto wait_until(granary_handle handle, Events events, Deadline deadline, Attempt attempt) {
    using Outcome = decltype(attempt());
    return detail::Wait<Outcome, Attempt>(*this, handle | static_cast<std::uint64_t>(events), deadline,
                                          std::move(attempt));
  }
  template <typename Object>
  Result<std::uint64_t> take_bits(const Object& notification, std::uint64_t mask) {
    Kept* const kept = kept_of(notification.value());
    if (kept == nullptr) return kTableFull;
    if ((kept->bits & mask) == 0) {
      const Result<std::uint64_t> set = notification.try_wait(Notification::kAllBits);
      if (!set) return set;
      kept->bits |= *set;
      kept->fresh = true;
    }
    const std::uint64_t taken = kept->bits & mask;
    kept->bits &= ~taken;
    if (taken == 0) return kWouldBlock;
    return taken;
  }

  /// Bits that were taken from a notification and that no task has asked for yet. Free if it has none.
  struct Kept {
    std::uint64_t notification = 0, bits = 0;
    bool fresh = false;  ///< nobody but the task that took them has looked at them yet
  };
  Kept* kept_of(std::uint64_t notification);

  // Frames of tasks (task.hpp). Nothing if none is left, or it is too small.
  void* frame(std::size_t bytes);
  void give_back(void* frame);

  /// Whether the running task may take what is there without letting others run: some times in a row.
  bool may_go_on() { return in_a_row_ < kInARow && ++in_a_row_ != 0; }
  /// False: eight other objects are waited for.
  bool has_place_for(std::uint64_t object) const;
  void wait_for(detail::TaskWait& wait) { waiting_.add(wait); }
  void make_runnable(detail::TaskWait& wait) { runnable_.add(wait); }
  void ended(detail::TaskPromise& task) { ended_ = &task; }

  struct Places;  // of one WAIT_ANY
  void end_waits(const Places& places, std::uint64_t ready);
  void resume_runnable();
  void remove(detail::TaskPromise& task);

  static constexpr unsigned kInARow = 16;
  static constexpr std::size_t kOwnerBytes = 16;  ///< before each frame: whose it is

  std::span<std::byte> untouched_;    ///< of the memory for frames: never given yet
  std::byte* free_frames_ = nullptr;  ///< given back: a list
  std::size_t frame_bytes_, largest_frame_ = 0;

  detail::TaskList waiting_, runnable_;
  detail::TaskPromise* started_ = nullptr;  ///< those that have not ended
  detail::TaskPromise* ended_ = nullptr;    ///< the one that was just resumed, if it has
  Kept kept_[GRANARY_WAIT_ANY_MAXIMUM];
  unsigned tasks_ = 0, in_a_row_ = 0;
  bool stopped_ = false;
};

namespace detail {

template <typename Outcome, typename Attempt>
bool Wait<Outcome, Attempt>::await_ready() {
  if (!executor_.may_go_on()) return false;
  return over(deadline == abi::kDeadlineDoNotBlock ? &kWouldBlock : nullptr);
}
template <typename Outcome, typename Attempt>
bool Wait<Outcome, Attempt>::await_suspend(std::coroutine_handle<> waiting) {
  if (!executor_.has_place_for(object)) return outcome_ = kTableFull, false;
  task = waiting;
  executor_.wait_for(*this);
  return true;
}
inline void Sleep::await_suspend(std::coroutine_handle<> sleeping) {
  task = sleeping;
  executor_.wait_for(*this);
}
inline void Yield::await_suspend(std::coroutine_handle<> yielding) {
  task = yielding;
  executor_.make_runnable(*this);
}

}  // namespace detail

/// An executor with the memory of its tasks in it: so many at a time, each with a frame of at most so many bytes (its
/// variables, and what it waits for). A task that is waited for by another one counts too.
template <unsigned Tasks, std::size_t FrameBytes = 768>
class StaticExecutor : public Executor {
 public:
  StaticExecutor() : Executor(memory_, FrameBytes) {}
  ~StaticExecutor() { clear(); }

 private:
  static_assert(Tasks > 0 && FrameBytes % 16 == 0, "some task, and frames in sixteens of bytes");
  alignas(16) std::byte memory_[Tasks * (FrameBytes + 16)];
};

}  // namespace granary
