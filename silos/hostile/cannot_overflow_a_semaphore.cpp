// SPDX-License-Identifier: Apache-2.0
//
// Counts a semaphore beyond its maximum and below 0. Expected: refused, and the count is what it was. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Semaphore gate = Semaphore::create(GRANARY_SEMAPHORE_MAXIMUM).value();
  for (int i = 0; i < 100; ++i) refused(granary_semaphore_post(gate.value()), GRANARY_EINVAL, "a post at the maximum");
  holds(gate.try_wait().ok(), "the count is not what it was");
  holds(gate.post().ok(), "there is room for one");
  refused(granary_semaphore_post(gate.value()), GRANARY_EINVAL, "a post at the maximum");
  granary_handle made;
  for (unsigned bit = 31; bit < 64; ++bit)
    refused(granary_semaphore_create(std::uint64_t{1} << bit, &made), GRANARY_EINVAL,
            "an initial count that is too large");
  const Semaphore empty = Semaphore::create(0).value();
  for (int i = 0; i < 100; ++i) refused(granary_semaphore_try_wait(empty.value()), GRANARY_EAGAIN, "a count below 0");
  holds(empty.post().ok() && empty.try_wait().ok(), "the empty one still counts");
  return outcome();
}
