// SPDX-License-Identifier: Apache-2.0
//
// The loop of silos in C (loop.h). Functions may watch, forget, set and cancel whatever they like while they run, also
// themselves: each round looks at each place once, and calls what is in it then.
#include "granary/loop.h"

#include <algorithm>

#include "granary/clock.hpp"
#include "internal.hpp"

namespace {

using Entry = granary_loop_entry;
constexpr std::uint64_t kEvents = GRANARY_EVENT_READABLE | GRANARY_EVENT_WRITABLE;
constexpr std::uint64_t kMicrosecondsPerSecond = 1'000'000;

template <std::size_t Size>
Entry* free_place(Entry (&entries)[Size]) {
  Entry* const place = std::find_if(entries, entries + Size, [](const Entry& entry) { return !entry.function; });
  return place == entries + Size ? nullptr : place;
}

template <std::size_t Size, typename Condition>
granary_status remove(Entry (&entries)[Size], Condition condition) {
  granary_status status = GRANARY_ENOENT;
  for (Entry& entry : entries) {
    if (entry.function == nullptr || !condition(entry)) continue;
    entry = {};
    status = GRANARY_OK;
  }
  return status;
}

/// What WAIT_ANY is shown, and whose place each is.
struct Shown {
  std::uint64_t object[GRANARY_LOOP_OBJECTS] = {};
  Entry* entry[GRANARY_LOOP_OBJECTS] = {};
  unsigned count = 0;

  explicit Shown(granary_loop& loop) {
    for (Entry& candidate : loop.objects) {
      if (candidate.function == nullptr) continue;
      entry[count] = &candidate;
      object[count++] = candidate.object;
    }
  }
};

std::uint64_t next_time(const granary_loop& loop) {
  std::uint64_t next = abi::kDeadlineForever;
  for (const Entry& timer : loop.timers)
    if (timer.function != nullptr) next = std::min(next, timer.when);
  return next;
}

void call_timers(granary_loop& loop) {
  const std::uint64_t now = granary::detail::counter_now();
  for (Entry& timer : loop.timers) {
    if (loop.stopped || timer.function == nullptr || timer.when > now) continue;
    const Entry due = timer;
    if (due.period == 0)
      timer = {};
    else
      timer.when += (now - due.when) / due.period * due.period + due.period;
    due.function(&loop, due.context);
  }
}

void call_ready(granary_loop& loop, const Shown& shown, std::uint64_t ready) {
  for (unsigned place = 0; place < shown.count && !loop.stopped; ++place) {
    const Entry& entry = *shown.entry[place];
    // A function before it may have put something else there.
    if ((ready >> place & 1) == 0 || entry.function == nullptr || entry.object != shown.object[place]) continue;
    entry.function(&loop, entry.context);
  }
}

}  // namespace

extern "C" {

granary_status granary_loop_watch(granary_loop* loop, granary_handle object, std::uint64_t events,
                                  granary_loop_function* function, void* context) {
  if (object == 0 || (events & kEvents) == 0 || (events & ~kEvents) != 0 || function == nullptr) return GRANARY_EINVAL;
  for (const Entry& entry : loop->objects)
    if (entry.function != nullptr && entry.object == (object | events)) return GRANARY_EEXIST;
  Entry* const place = free_place(loop->objects);
  if (place == nullptr) return GRANARY_ENOSPC;
  *place = {function, context, object | events, 0, 0};
  return GRANARY_OK;
}

granary_status granary_loop_forget(granary_loop* loop, granary_handle object) {
  return remove(loop->objects, [object](const Entry& entry) { return (entry.object & ~kEvents) == object; });
}

granary_status granary_loop_every(granary_loop* loop, std::uint64_t when, std::uint64_t period_us,
                                  granary_loop_function* function, void* context) {
  if (function == nullptr) return GRANARY_EINVAL;
  Entry* const place = free_place(loop->timers);
  if (place == nullptr) return GRANARY_ENOSPC;
  const std::uint64_t frequency = granary::detail::counter_frequency();
  const std::uint64_t rest = period_us % kMicrosecondsPerSecond * frequency;
  const std::uint64_t period =
      period_us / kMicrosecondsPerSecond * frequency + (rest + kMicrosecondsPerSecond - 1) / kMicrosecondsPerSecond;
  *place = {function, context, 0, when, period};
  return GRANARY_OK;
}

granary_status granary_loop_cancel(granary_loop* loop, granary_loop_function* function, void* context) {
  return remove(loop->timers,
                [=](const Entry& timer) { return timer.function == function && timer.context == context; });
}

granary_status granary_loop_run(granary_loop* loop) {
  loop->stopped = 0;
  while (!loop->stopped) {
    const Shown shown(*loop);
    const std::uint64_t until = next_time(*loop);
    if (shown.count == 0 && until == abi::kDeadlineForever) return GRANARY_OK;
    granary::Result<std::uint64_t> ready(std::uint64_t{0});
    if (shown.count == 0)
      granary::detail::sleep_until_tick(until);
    else
      ready = granary::detail::wait_for_any(shown.count, shown.object, until);
    if (!ready && ready.error() != granary::kTimedOut && ready.error() != granary::kWouldBlock)
      return -ready.error().number();
    call_timers(*loop);
    if (ready.ok()) call_ready(*loop, shown, *ready);
  }
  return GRANARY_OK;
}

void granary_loop_stop(granary_loop* loop) { loop->stopped = 1; }

}  // extern "C"
