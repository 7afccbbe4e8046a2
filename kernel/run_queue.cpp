// SPDX-License-Identifier: Apache-2.0
//
// Linking and unlinking of ready threads. base::Priority is below 64 by the one place that makes it (create_thread), so
// a level is always inside the array.
#include "kernel/run_queue.hpp"

namespace kernel {

void RunQueue::push_back(ReadyLink& link, base::Priority priority) {
  Level& level = level_[priority.value() % abi::kPriorityCount];
  link.next = nullptr;
  link.previous = level.last;
  if (level.last != nullptr) {
    level.last->next = &link;
  } else {
    level.first = &link;
  }
  level.last = &link;
  link.level = priority.value();
  occupied_ |= std::uint64_t{1} << priority.value();
}

void RunQueue::push_front(ReadyLink& link, base::Priority priority) {
  Level& level = level_[priority.value() % abi::kPriorityCount];
  link.previous = nullptr;
  link.next = level.first;
  if (level.first != nullptr) {
    level.first->previous = &link;
  } else {
    level.last = &link;
  }
  level.first = &link;
  link.level = priority.value();
  occupied_ |= std::uint64_t{1} << priority.value();
}

ReadyLink& RunQueue::pop_front() {
  const std::uint8_t priority = most_urgent().value();
  Level& level = level_[priority];
  ReadyLink& link = *level.first;
  level.first = link.next;
  if (link.next != nullptr) {
    link.next->previous = nullptr;
  } else {
    level.last = nullptr;
    occupied_ &= ~(std::uint64_t{1} << priority);
  }
  link.forget();
  return link;
}

void RunQueue::take_all_of(RunQueue& other) {
  occupied_ = other.occupied_;
  other.occupied_ = 0;
  for (std::uint64_t left = occupied_; left != 0; left &= left - 1) {
    const int level = std::countr_zero(left);
    level_[level] = other.level_[level];
    other.level_[level] = {};
  }
}

void RunQueue::remove(ReadyLink& link) {
  if (!link.is_queued()) return;
  Level& level = level_[link.level % abi::kPriorityCount];
  if (link.previous != nullptr) {
    link.previous->next = link.next;
  } else {
    level.first = link.next;
  }
  if (link.next != nullptr) {
    link.next->previous = link.previous;
  } else {
    level.last = link.previous;
  }
  if (level.first == nullptr) occupied_ &= ~(std::uint64_t{1} << link.level);
  link.forget();
}

}  // namespace kernel
