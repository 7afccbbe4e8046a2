// SPDX-License-Identifier: Apache-2.0
//
// WaitSet: waits until something can be done with one of up to eight objects. Nothing is taken: receive, send or wait
// afterwards with do_not_block, as another thread may have been quicker.
//
//   WaitSet set;
//   const unsigned commands = set.add(port).value(), ticks = set.add(notification).value();
//   for (;;) {
//     const Ready ready = set.wait(100ms).value();
//     if (ready[commands]) ...
//
// What is gone (kPeerGone) stays ready: take it out with remove(), or the loop spins.
#pragma once

#include <bit>

#include "granary/notification.hpp"

namespace granary {

/// Places of a set that are ready.
class Ready {
 public:
  constexpr Ready() = default;
  constexpr explicit Ready(std::uint64_t places) : places_(places) {}
  constexpr bool operator[](unsigned place) const { return (places_ >> place & 1) != 0; }
  constexpr std::uint64_t places() const { return places_; }

 private:
  std::uint64_t places_ = 0;
};

class WaitSet {
 public:
  /// The place it gets, the first that is free. kInvalidArgument: there are eight already, or the handle is empty.
  constexpr Result<unsigned> add(const Handle& object, Events events = Events::Readable) {
    const auto place = static_cast<unsigned>(std::countr_one(used_));
    if (place == GRANARY_WAIT_ANY_MAXIMUM || !object) return kInvalidArgument;
    places_[place] = object.value() | static_cast<std::uint64_t>(events);
    used_ |= 1u << place;
    fill_gaps();
    return place;
  }
  /// It is waited for no more; the other places keep their numbers. kInvalidArgument: nothing is there.
  constexpr Result<void> remove(unsigned place) {
    if (place >= GRANARY_WAIT_ANY_MAXIMUM || (used_ >> place & 1) == 0) return kInvalidArgument;
    used_ &= ~(1u << place);
    fill_gaps();
    return {};
  }
  /// How many are waited for.
  constexpr unsigned size() const { return static_cast<unsigned>(std::popcount(used_)); }

  /// kTimedOut; kPeerGone if a handle of the set is closed meanwhile; kNotPermitted, kBadHandle; kInvalidArgument if an
  /// object has no such event or the set is empty.
  Result<Ready> wait(Deadline deadline = forever) const {
    std::uint64_t ready;
    const granary_status status = granary_wait_any(count(), places_, deadline.ticks(), &ready);
    if (status != GRANARY_OK) return detail::error_of(status, SystemCall::WAIT_ANY);
    return Ready(ready & used_);
  }
  /// kWouldBlock if nothing is ready.
  Result<Ready> poll() const { return wait(do_not_block); }

 private:
  constexpr unsigned count() const { return static_cast<unsigned>(std::bit_width(used_)); }
  /// Each place that the kernel is shown must name something: a free one names what the last one does.
  constexpr void fill_gaps() {
    for (unsigned place = 0; place < count(); ++place) {
      if ((used_ >> place & 1) == 0) places_[place] = places_[count() - 1];
    }
  }

  std::uint64_t places_[GRANARY_MESSAGE_WORDS] = {};
  unsigned used_ = 0;  ///< a bit for each place
};

/// Waits for any of the objects to become readable: the first that is. As WaitSet::wait.
template <typename... Objects>
Result<unsigned> wait_any(Deadline deadline, const Objects&... objects) {
  WaitSet set;
  Result<unsigned> added(0u);
  ((added = added.ok() ? set.add(objects) : added), ...);
  if (!added) return added.error();
  const Result<Ready> ready = set.wait(deadline);
  if (!ready) return ready.error();
  return static_cast<unsigned>(__builtin_ctzll(ready->places()));
}

}  // namespace granary
