// SPDX-License-Identifier: Apache-2.0
//
// Task: a coroutine that an Executor runs, and what it waits in. Its frame comes from the executor's memory and never
// from the heap; a task that gets none is empty, and start() or co_await says kNoMemory.
// What a task's function is given by reference must outlive the task: a capturing lambda that is a temporary does not.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

#include "granary/clock.hpp"
#include "granary/result.hpp"

namespace granary {

class Executor;
class Task;

namespace detail {

/// What co_await gives: a Result, to be given a name before it is looked at.
///   const Result<Request> request = co_await executor.receive(port);       // or auto
/// GCC 12 compiles `if (co_await ...)` and `while (co_await ...)` to something else than they say, without a word; so
/// what has no name yet cannot be asked.
template <typename T>
class [[nodiscard]] Awaited : public Result<T> {
 public:
  Awaited(Result<T> result) : Result<T>(std::move(result)) {}

  bool ok() const& { return Result<T>::ok(); }
  explicit operator bool() const& { return ok(); }
  Error error() const& { return Result<T>::error(); }
  decltype(auto) value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) & {
    return Result<T>::value(file, line);
  }
  decltype(auto) value(const char* file = __builtin_FILE(), unsigned line = __builtin_LINE()) const& {
    return Result<T>::value(file, line);
  }
  decltype(auto) operator*() & { return Result<T>::operator*(); }
  decltype(auto) operator->() & { return Result<T>::operator->(); }
  decltype(auto) operator*() const& { return Result<T>::operator*(); }
  decltype(auto) operator->() const& { return Result<T>::operator->(); }
  // Give it a name first: const auto result = co_await ...;
  bool ok() const&& = delete;
  explicit operator bool() const&& = delete;
  Error error() const&& = delete;
  void value() const&& = delete;
  void operator*() const&& = delete;
  void operator->() const&& = delete;
};
template <typename R>
struct AwaitedOf;
template <typename T>
struct AwaitedOf<Result<T>> {
  using Type = Awaited<T>;
};

/// One wait of one task, in its frame. `attempt` says whether the wait is over; told why to give up, it always is.
struct TaskWait {
  std::coroutine_handle<> task{};
  std::uint64_t object = 0;  ///< a handle and the events wanted, as WAIT_ANY takes them; 0: for the time only
  std::uint64_t deadline = abi::kDeadlineForever;
  bool (*attempt)(TaskWait&, const Error* give_up) = nullptr;  ///< null: the time is all there is to it
  TaskWait* next = nullptr;

  TaskWait() = default;
  TaskWait(const TaskWait&) = delete;  // it is in a list
  TaskWait& operator=(const TaskWait&) = delete;
};

/// Waits in the order in which they came.
class TaskList {
 public:
  bool empty() const { return first_ == nullptr; }
  TaskWait* first() const { return first_; }
  void add(TaskWait& wait) {
    wait.next = nullptr;
    (first_ == nullptr ? first_ : last_->next) = &wait;
    last_ = &wait;
  }
  TaskWait* take_first() {
    TaskWait* const taken = first_;
    if (taken != nullptr) first_ = taken->next;
    return taken;
  }
  /// Those of `other` behind these.
  void append(TaskList other) {
    if (other.empty()) return;
    (first_ == nullptr ? first_ : last_->next) = other.first_;
    last_ = other.last_;
  }

 private:
  TaskWait* first_ = nullptr;
  TaskWait* last_ = nullptr;  ///< only meaningful if there is a first
};

/// Finds the executor among a coroutine's parameters: the first, or the second behind an object (members, lambdas).
template <typename First>
concept NoExecutor = !std::is_same_v<std::remove_cvref_t<First>, Executor>;

struct TaskPromise {
  template <typename... Rest>
  explicit TaskPromise(Executor& executor, Rest&&...) : executor(executor) {}
  template <NoExecutor Object, typename... Rest>
  TaskPromise(Object&&, Executor& executor, Rest&&...) : executor(executor) {}

  // Inline always: GCC 12 takes an operator new with further parameters for one that does not fit this delete.
  template <typename... Rest>
  [[gnu::always_inline]] static void* operator new(std::size_t bytes, Executor& executor, Rest&&...) noexcept {
    return frame_of(executor, bytes);
  }
  template <NoExecutor Object, typename... Rest>
  [[gnu::always_inline]] static void* operator new(std::size_t bytes, Object&&, Executor& executor,
                                                   Rest&&...) noexcept {
    return frame_of(executor, bytes);
  }
  /// A task's first parameter is `Executor& executor`: its frame lies there.
  static void* operator new(std::size_t) = delete;
  [[gnu::always_inline]] static void operator delete(void* frame) { give_back(frame); }

  static Task get_return_object_on_allocation_failure();
  Task get_return_object();
  std::suspend_always initial_suspend() const noexcept { return {}; }
  /// Who waits for this task goes on; with nobody waiting the executor is told.
  struct Final {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<TaskPromise> task) const noexcept {
      return task.promise().has_ended();
    }
    void await_resume() const noexcept {}
  };
  Final final_suspend() const noexcept { return {}; }
  void return_void() const {}
  void unhandled_exception() const {}

  Executor& executor;
  std::coroutine_handle<> waiter{};  ///< the task that waits for this one
  TaskWait beginning{};
  TaskPromise *next = nullptr, *previous = nullptr;  ///< in the executor's list of tasks that were started

 private:
  static void* frame_of(Executor& executor, std::size_t bytes) noexcept;
  static void give_back(void* frame) noexcept;
  std::coroutine_handle<> has_ended() noexcept;
};

/// co_await of an operation on an object. Invariant: `outcome_` is kWouldBlock until the wait is over, or the
/// operation would block and the deadline says that it must not.
template <typename Outcome, typename Attempt>
class [[nodiscard]] Wait : private TaskWait {
 public:
  Wait(Executor& executor, std::uint64_t what, Deadline until, Attempt attempt)
      : executor_(executor), attempt_(std::move(attempt)) {
    object = what;
    deadline = until.ticks();
    TaskWait::attempt = [](TaskWait& wait, const Error* give_up) { return static_cast<Wait&>(wait).over(give_up); };
  }
  bool await_ready();
  bool await_suspend(std::coroutine_handle<> waiting);
  typename AwaitedOf<Outcome>::Type await_resume() { return std::move(outcome_); }

 private:
  bool over(const Error* give_up) {
    outcome_ = attempt_();
    if (outcome_.ok() || outcome_.error() != kWouldBlock) return true;
    if (give_up != nullptr) outcome_ = *give_up;
    return give_up != nullptr;
  }

  Executor& executor_;
  Attempt attempt_;
  Outcome outcome_{kWouldBlock};
};

class [[nodiscard]] Sleep : private TaskWait {
 public:
  Sleep(Executor& executor, Deadline until) : executor_(executor) { deadline = until.ticks(); }
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> sleeping);
  void await_resume() const {}

 private:
  Executor& executor_;
};

class [[nodiscard]] Yield : private TaskWait {
 public:
  explicit Yield(Executor& executor) : executor_(executor) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> yielding);
  void await_resume() const {}

 private:
  Executor& executor_;
};

}  // namespace detail

/// A task that has not begun. Give it to Executor::start(), or wait for its end within another one:
/// `co_await step(executor)`. Dropped, it never runs.
class [[nodiscard]] Task {
 public:
  using promise_type = detail::TaskPromise;

  Task() = default;
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(frame_, other.frame_);
    return *this;
  }
  ~Task() {
    if (frame_) frame_.destroy();
  }
  /// False if it got no frame.
  explicit operator bool() const { return static_cast<bool>(frame_); }

  /// Runs it, as a part of the task that waits. kNoMemory if it got no frame.
  auto operator co_await() && {
    struct Part {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() const { return !frame; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiter) const {
        frame.promise().waiter = waiter;
        return frame;
      }
      detail::Awaited<void> await_resume() const { return frame ? Result<void>() : Result<void>(kNoMemory); }
    };
    return Part{frame_};
  }

 private:
  friend class Executor;
  friend struct detail::TaskPromise;
  explicit Task(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  std::coroutine_handle<promise_type> frame_{};
};

inline Task detail::TaskPromise::get_return_object_on_allocation_failure() { return {}; }
inline Task detail::TaskPromise::get_return_object() {
  return Task(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

}  // namespace granary
