/* SPDX-License-Identifier: Apache-2.0
 *
 * What the programs of conformance_fast_path order from their servers, and calls with nothing around them whose time
 * can be taken (fast_path.S). Shared by C++ and assembly.
 */
#pragma once

#include "raw_call.h"

#define ORDER_TIME 0x7133

#ifndef __ASSEMBLER__
#include <cstdint>

/// PORT_CALL in which nothing but the call lies between two looks at the counter: of the time there and the time back.
struct TimedCall {
  std::uint64_t handle, deadline, flags;  ///< in
  std::uint64_t next_deadline;            ///< in: of the server's next receive
  std::int64_t status;                    ///< out
  std::uint64_t there, back;              ///< out, in ticks
};
extern "C" void timed_call(TimedCall* call);

/// The system call in `registers`, which is PORT_REPLY_AND_RECEIVE; answers each ORDER_TIME, and comes back with
/// anything else.
extern "C" void serve_timed(RawRegisters* registers);

/// The ticks that a call without arguments takes.
extern "C" std::uint64_t timed_crossing(std::uint64_t number);

/// Makes the floating-point registers this thread's.
extern "C" void touch_floating_point();

/// wfi with all general registers and the flags from `registers`, and to there again. SP and TPIDR_EL0 are left alone.
extern "C" void raw_wfi(RawRegisters* registers);
#endif
