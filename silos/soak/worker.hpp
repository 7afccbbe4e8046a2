// SPDX-License-Identifier: Apache-2.0
//
// What the three threads of a worker share: who it is, its objects by number, its report, and how a status is judged.
//   main (worker.cpp, doer.cpp)   does random operations on the others and on what it makes itself
//   server (server.cpp)           receives from the worker's port, answers calls late and out of order
//   taker (taker.cpp)             receives from everything else
#pragma once

#include "granary/notification_doorbell.hpp"
#include "granary/stream.hpp"
#include "soak.hpp"

namespace soak {

/// Threads, by their place in Report::operations.
enum Place : unsigned { kDoer, kServer, kTaker };

struct Worker {
  unsigned id = 0;
  Port inbox[kWorkers];         ///< of each worker, the own one to receive from
  AsyncChannel mail[kWorkers];  ///< likewise
  Notification bell[kWorkers];  ///< likewise
  Semaphore gate[kWorkers];     ///< anybody's
  Channel lane_in, lane_out;    ///< from the worker before, to the next one
  std::span<std::byte> pipe_in, pipe_out;
  NotificationDoorbell reader_bell, writer_bell;  ///< of pipe_in as its reader, of pipe_out as its writer
  Board* board = nullptr;
  Report* report = nullptr;
  std::atomic<bool> is_ready = false;     ///< server and taker begin when they see it
  std::atomic<bool> is_stopping = false;  ///< server and taker end when they see it
  std::atomic<unsigned> stopped = 0;      ///< how many have
  StreamReader<NotificationDoorbell> reader;
  std::uint64_t last_call[kWorkers] = {};

  unsigned previous() const { return (id + kWorkers - 1) % kWorkers; }
  unsigned next() const { return (id + 1) % kWorkers; }
};
extern Worker worker;

/// Something that may not be; the first few are told.
void fail(const char* what, const char* why);
inline void require(bool holds, const char* what) {
  if (!holds) fail(what, "is not so");
}
inline granary_status status_of(const Result<void>& result) { return result ? 0 : -result.error().number(); }
template <typename T>
granary_status status_of(const Result<T>& result) {
  return result.ok() ? 0 : -result.error().number();
}

/// Counts an operation and judges its status: true if it succeeded; an error must be one of those allowed here.
template <typename... Errors>
bool done(Place place, const char* what, granary_status status, Errors... allowed) {
  worker.report->operations[place] += 1;
  if (status == GRANARY_OK) return true;
  if (place == kDoer) ++(status == GRANARY_ETIMEDOUT ? worker.report->timeouts : worker.report->refusals);
  if (!((status == allowed) || ...)) fail(what, granary_status_name(status));
  return false;
}
/// That an operation with this deadline may end so without having done anything.
inline granary_status late(Deadline deadline) {
  return deadline.ticks() == do_not_block.ticks() ? GRANARY_EAGAIN : GRANARY_ETIMEDOUT;
}

/// The calling thread's message page.
inline granary_message_entry* message_page() {
  std::uint64_t address = 0;
  granary_message_page(&address);
  // SAFETY: the kernel keeps a page there for as long as the thread lives.
  return reinterpret_cast<granary_message_entry*>(address);
}
inline granary_message to_message(const granary_message_entry& entry) {
  const auto& w = entry.word;
  return {entry.opcode, entry.flags, {w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]}};
}
/// The handle that a received message has brought, 0 if none.
inline granary_handle brought(const granary_message& message) {
  if ((message.flags & GRANARY_FLAG_TRANSFER) == 0) return 0;
  return message.word[(message.flags & GRANARY_FLAG_EIGHT_WORDS) != 0 ? 7 : 3];
}

// doer.cpp: one random operation; true ends what is still on its way.
void do_something(Random& random);
void end_doing();
/// Something for the own server and taker, which may wait without an end.
void poke_own_threads();
// server.cpp: a message that came to the port; a call gets its answer at once if `is_last`.
void serve(const granary_message& message, std::uint64_t badge, std::uint64_t token);
void end_serving();
// taker.cpp: takes whatever is there; how many.
void drain_all();

}  // namespace soak
