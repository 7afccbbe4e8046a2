// SPDX-License-Identifier: Apache-2.0
//
// Executor: the memory of its tasks' frames, and its loop (executor.hpp).
#include "granary/executor.hpp"

#include <algorithm>
#include <charconv>
#include <new>

#include "internal.hpp"

namespace granary {

namespace {

void print_number(std::size_t number) {
  char digits[20];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, number);
  detail::print({digits, static_cast<std::size_t>(end.ptr - digits)});
}

}  // namespace

// ---- frames: each behind a word that says whose it is; those that are free are a list through that word -------------

Executor::Executor(std::span<std::byte> memory, std::size_t frame_bytes) : frame_bytes_(frame_bytes / 16 * 16) {
  const auto start = reinterpret_cast<std::uintptr_t>(memory.data());  // SAFETY: only its lowest bits are looked at
  untouched_ = memory.subspan(std::min<std::size_t>(memory.size(), (16 - start % 16) % 16));
}

void* Executor::frame(std::size_t bytes) {
  largest_frame_ = std::max(largest_frame_, bytes);
  if (bytes > frame_bytes_) {
    detail::print("executor: a task needs a frame of ");
    print_number(bytes);
    detail::print(" bytes, and those of this executor have ");
    print_number(frame_bytes_);
    detail::print(": make it StaticExecutor<TASKS, ");
    print_number((bytes + 15) / 16 * 16);
    detail::print(">\n");
    return nullptr;
  }
  std::byte* place = free_frames_;
  if (place != nullptr) {
    // SAFETY: give_back() put that word there.
    free_frames_ = *std::launder(reinterpret_cast<std::byte**>(place));
  } else if (untouched_.size() >= kOwnerBytes + frame_bytes_) {
    place = untouched_.data();
    untouched_ = untouched_.subspan(kOwnerBytes + frame_bytes_);
  } else {
    detail::print("executor: no frame is left for a task: give it more of them, StaticExecutor<TASKS, ");
    print_number(frame_bytes_);
    detail::print(">\n");
    return nullptr;
  }
  new (place) Executor*(this);
  return place + kOwnerBytes;
}

void Executor::give_back(void* frame) {
  std::byte* const place = static_cast<std::byte*>(frame) - kOwnerBytes;
  new (place) std::byte*(free_frames_);
  free_frames_ = place;
}

void* detail::TaskPromise::frame_of(Executor& executor, std::size_t bytes) noexcept { return executor.frame(bytes); }
void detail::TaskPromise::give_back(void* frame) noexcept {
  // SAFETY: frame() put the owner there, kOwnerBytes before what it gave.
  Executor* const owner =
      *std::launder(reinterpret_cast<Executor**>(static_cast<std::byte*>(frame) - Executor::kOwnerBytes));
  owner->give_back(frame);
}
std::coroutine_handle<> detail::TaskPromise::has_ended() noexcept {
  if (waiter) return waiter;
  executor.ended(*this);
  return std::noop_coroutine();
}

// ---- tasks ----------------------------------------------------------------------------------------------------------

Result<void> Executor::start(Task task) {
  if (!task) return kNoMemory;
  detail::TaskPromise& promise = task.frame_.promise();
  promise.beginning.task = std::exchange(task.frame_, nullptr);
  promise.next = started_;
  if (started_ != nullptr) started_->previous = &promise;
  started_ = &promise;
  ++tasks_;
  make_runnable(promise.beginning);
  return {};
}

void Executor::remove(detail::TaskPromise& task) {
  (task.previous == nullptr ? started_ : task.previous->next) = task.next;
  if (task.next != nullptr) task.next->previous = task.previous;
  --tasks_;
  std::coroutine_handle<detail::TaskPromise>::from_promise(task).destroy();
}

void Executor::clear() {
  waiting_ = runnable_ = {};
  while (started_ != nullptr) remove(*started_);
}

// ---- the loop -------------------------------------------------------------------------------------------------------

struct Executor::Places {
  std::uint64_t place[GRANARY_WAIT_ANY_MAXIMUM] = {};
  unsigned count = 0;

  /// Where it is, or would be.
  unsigned of(std::uint64_t object) const {
    return static_cast<unsigned>(std::find(place, place + count, object) - place);
  }
  bool add(std::uint64_t object) {
    const unsigned where = of(object);
    if (where == GRANARY_WAIT_ANY_MAXIMUM) return false;
    if (where == count) place[count++] = object;
    return true;
  }
};

bool Executor::has_place_for(std::uint64_t object) const {
  Places places;
  for (const detail::TaskWait* wait = waiting_.first(); wait != nullptr; wait = wait->next)
    if (wait->object != 0) places.add(wait->object);
  return places.add(object);
}

Executor::Kept* Executor::kept_of(std::uint64_t notification) {
  Kept* unused = nullptr;
  for (Kept& kept : kept_) {
    if (kept.notification == notification) return &kept;
    if (kept.bits == 0) unused = &kept;
  }
  if (unused != nullptr) *unused = {notification};
  return unused;
}

/// Takes those out of `waiting_` whose wait is over: their object is ready, or their deadline has passed.
void Executor::end_waits(const Places& places, std::uint64_t ready) {
  Kept fresh[GRANARY_WAIT_ANY_MAXIMUM];
  std::copy(kept_, kept_ + GRANARY_WAIT_ANY_MAXIMUM, fresh);
  for (Kept& kept : kept_) kept.fresh = false;
  const auto was_kept = [&](std::uint64_t object) {
    return std::any_of(fresh, fresh + GRANARY_WAIT_ANY_MAXIMUM, [&](const Kept& kept) {
      return kept.fresh && (kept.notification | static_cast<std::uint64_t>(Events::Readable)) == object;
    });
  };
  const std::uint64_t now = detail::counter_now();
  detail::TaskList all = std::exchange(waiting_, {});
  while (detail::TaskWait* const wait = all.take_first()) {
    const bool late = wait->deadline <= now;
    bool over = late;
    if (wait->attempt != nullptr && (late || (ready >> places.of(wait->object) & 1) != 0 || was_kept(wait->object)))
      over = wait->attempt(*wait,
                           late ? &(wait->deadline == abi::kDeadlineDoNotBlock ? kWouldBlock : kTimedOut) : nullptr);
    (over ? runnable_ : waiting_).add(*wait);
  }
}

void Executor::resume_runnable() {
  detail::TaskList these = std::exchange(runnable_, {});
  while (detail::TaskWait* const wait = these.take_first()) {
    in_a_row_ = 0;
    ended_ = nullptr;
    wait->task.resume();  // `wait` may be gone now
    if (ended_ != nullptr) remove(*ended_);
    if (!stopped_) continue;
    these.append(runnable_);
    runnable_ = these;
    return;
  }
}

Result<bool> Executor::run_once(Deadline limit) {
  if (tasks_ == 0) return false;
  Places places;
  std::uint64_t until = limit.ticks();
  for (const detail::TaskWait* wait = waiting_.first(); wait != nullptr; wait = wait->next) {
    if (wait->object != 0) places.add(wait->object);
    until = std::min(until, wait->deadline);
  }
  const bool fresh = std::any_of(kept_, kept_ + GRANARY_WAIT_ANY_MAXIMUM, [](const Kept& kept) { return kept.fresh; });
  if (!runnable_.empty() || fresh) until = abi::kDeadlineDoNotBlock;

  Result<std::uint64_t> ready(std::uint64_t{0});
  if (places.count > 0)
    ready = detail::wait_for_any(places.count, places.place, until);
  else if (until != abi::kDeadlineDoNotBlock)
    detail::sleep_until_tick(until);
  const bool failed = !ready && ready.error() != kTimedOut && ready.error() != kWouldBlock;
  // Which handle is at fault is not said: each operation finds out for itself.
  end_waits(places, ready.ok() ? *ready : failed ? ~std::uint64_t{0} : 0);
  if (failed && runnable_.empty()) return ready.error();
  resume_runnable();
  return tasks_ > 0;
}

Result<void> Executor::run() {
  stopped_ = false;
  for (;;) {
    const Result<bool> more = run_once();
    if (!more) return more.error();
    if (!*more || stopped_) return {};
  }
}

}  // namespace granary
