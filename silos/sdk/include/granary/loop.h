/* SPDX-License-Identifier: Apache-2.0
 *
 * A loop for silos in C that wait for many things: functions that are called when an object is ready, or at a time.
 * (C++ has tasks: granary/executor.hpp.)
 *
 *   static void on_request(struct granary_loop* loop, void* context) {
 *     struct granary_delivery request;
 *     if (granary_port_try_receive(HANDLE_SERVICE, &request) != GRANARY_OK) return;     // another was quicker
 *     ...
 *   }
 *   int main(void) {
 *     static struct granary_loop loop;                                   // all zero: nothing to be called
 *     granary_loop_watch(&loop, HANDLE_SERVICE, GRANARY_EVENT_READABLE, on_request, NULL);
 *     granary_loop_every(&loop, granary_after_us(10000), 10000, on_tick, NULL);
 *     return granary_loop_run(&loop) == GRANARY_OK ? 0 : 1;
 *   }
 *
 * Nothing is taken for a function: it takes what is there, without waiting, or it is called again at once. What is gone
 * (GRANARY_EPIPE) stays ready, so take it out with granary_loop_forget(). A loop belongs to one thread; a function that
 * waits keeps all others waiting.
 */
#pragma once

#include "granary/granary.h"

#ifdef __cplusplus
extern "C" {
#endif

#define GRANARY_LOOP_OBJECTS GRANARY_WAIT_ANY_MAXIMUM
#define GRANARY_LOOP_TIMERS 8

struct granary_loop;
typedef void granary_loop_function(struct granary_loop* loop, void* context);

struct granary_loop_entry {
  granary_loop_function* function; /* null: the place is free */
  void* context;
  uint64_t object;       /* a handle and its events */
  uint64_t when, period; /* of a timer, in ticks; period 0: once */
};

/* Only the functions below look into it. */
struct granary_loop {
  struct granary_loop_entry objects[GRANARY_LOOP_OBJECTS];
  struct granary_loop_entry timers[GRANARY_LOOP_TIMERS];
  int stopped;
};

/* Calls `function` each time `object` is ready: GRANARY_EVENT_READABLE, _WRITABLE or both. GRANARY_ENOSPC: eight are
 * watched already; GRANARY_EINVAL: no handle, no event, no function; GRANARY_EEXIST: it is watched for that. */
granary_status granary_loop_watch(struct granary_loop* loop, granary_handle object, uint64_t events,
                                  granary_loop_function* function, void* context);
/* For all its events. GRANARY_ENOENT: nobody watches it. */
granary_status granary_loop_forget(struct granary_loop* loop, granary_handle object);

/* Calls `function` at `when`, a deadline as granary_after_us() makes it; then every `period_us` microseconds, without
 * drift, if that is not 0. Periods that nobody had time for are left out. GRANARY_ENOSPC: there are eight timers. */
granary_status granary_loop_every(struct granary_loop* loop, uint64_t when, uint64_t period_us,
                                  granary_loop_function* function, void* context);
/* The timers of that function with that context. GRANARY_ENOENT: there is none. */
granary_status granary_loop_cancel(struct granary_loop* loop, granary_loop_function* function, void* context);

/* Until nothing is left to be called (GRANARY_OK), granary_loop_stop(), or the wait fails, which says why: a handle was
 * closed (GRANARY_EPIPE), is none (GRANARY_EBADF), or lacks the right (GRANARY_EPERM). */
granary_status granary_loop_run(struct granary_loop* loop);
/* granary_loop_run() returns after the function that is running. */
void granary_loop_stop(struct granary_loop* loop);

#ifdef __cplusplus
}
#endif
