// SPDX-License-Identifier: Apache-2.0
//
// The heap's moves. Children of place i are 2i + 1 and 2i + 2; each loop halves or doubles the place, so it ends within
// log2(kCapacity) steps.
#include "kernel/timer_queue.hpp"

namespace kernel {

void TimerQueue::put(unsigned place, TimerLink& link) {
  heap_[place] = &link;
  link.place = static_cast<std::uint16_t>(place);
}

void TimerQueue::move_up(unsigned place, TimerLink& link) {
  while (place > 0) {
    const unsigned parent = (place - 1) / 2;
    if (heap_[parent]->deadline <= link.deadline) break;
    put(place, *heap_[parent]);
    place = parent;
  }
  put(place, link);
}

void TimerQueue::move_down(unsigned place, TimerLink& link) {
  for (;;) {
    unsigned child = 2 * place + 1;
    if (child >= count_) break;
    if (child + 1 < count_ && heap_[child + 1]->deadline < heap_[child]->deadline) ++child;
    if (link.deadline <= heap_[child]->deadline) break;
    put(place, *heap_[child]);
    place = child;
  }
  put(place, link);
}

void TimerQueue::insert(TimerLink& link, base::Ticks deadline) {
  if (deadline.is_forever() || count_ == kCapacity) return;  // the second cannot be: see the header's last invariant
  link.deadline = deadline;
  move_up(count_++, link);
}

void TimerQueue::remove(TimerLink& link) {
  if (!link.is_timed()) return;
  const unsigned place = link.place;
  TimerLink& last = *heap_[--count_];
  heap_[count_] = nullptr;
  link.place = TimerLink::kNotQueued;
  if (&last == &link) return;
  // The last element takes the free place and goes whichever way its deadline wants.
  if (place > 0 && last.deadline < heap_[(place - 1) / 2]->deadline) {
    move_up(place, last);
  } else {
    move_down(place, last);
  }
}

TimerLink* TimerQueue::take_expired(base::Ticks now) {
  if (count_ == 0 || heap_[0]->deadline > now) return nullptr;
  TimerLink& link = *heap_[0];
  remove(link);
  return &link;
}

}  // namespace kernel
