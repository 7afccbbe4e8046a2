// SPDX-License-Identifier: Apache-2.0
//
// The order of locks. A lock may be taken only while every lock held has a smaller rank; Guarded (guarded.hpp) makes
// the opposite order a compile error. There is no rank "none": a new lock says here where it stands, and why.
#pragma once

#include <cstdint>

namespace base {

enum class LockRank : std::uint8_t {
  Nothing = 0,   ///< holds no lock: where every entry begins
  Cores = 5,     ///< what several cores use: taken where the kernel is entered, so before any other
  Object = 7,    ///< of one object that several cores name: taken by a call on it, before what that does
  Inbox = 8,     ///< taken where a thread of another core is woken, in the midst of such a call; takes nothing inside
  Channel = 10,  ///< taken first: its operations take message nodes while they hold it
  MessagePool = 20,   ///< taken inside a channel's lock; growing the pool takes a page
  Vmids = 25,         ///< independent of all others
  Frames = 30,        ///< memory of silos; may need a page of kernel memory for its books
  KernelMemory = 40,  ///< taken inside everything that allocates
  TypedChannel = 45,  ///< takes nothing inside, so whoever holds one of the above may send
  Console = 50,       ///< last: anything may have something to say
};

}  // namespace base
