/* SPDX-License-Identifier: Apache-2.0
 *
 * What hal/aarch64/fast_path.S knows of the kernel's objects: offsets, numbers and the words of a core. The kernel
 * asserts each of them against the type that it belongs to (kernel/direct_call.cpp); what the path does with them, and
 * what the kernel must keep true for it, is in kernel/direct_call.hpp.
 */
#ifndef KERNEL_PORT_DIRECT_CALL_H
#define KERNEL_PORT_DIRECT_CALL_H

/* kernel::Capability, 64 bytes */
#define CAPABILITY_HANDLE 0
#define CAPABILITY_OBJECT 8
#define CAPABILITY_RIGHTS 16
#define CAPABILITY_BADGE 24
#define CAPABILITY_RIGHT_PORT_CALL 5 /* bit number of abi::Right::PortCall */

/* ipc::Object */
#define OBJECT_DIRECT_RECEIVER 0
#define OBJECT_FLOATING_RECEIVER 8

/* abi::SystemCall; bit CALL_NUMBER_BIT tells the two IPC calls apart */
#define CALL_NUMBER_NULL 0
#define CALL_NUMBER_PORT_CALL 203
#define CALL_NUMBER_REPLY_AND_RECEIVE 209
#define CALL_NUMBER_BIT 4

/* Direct calls that follow each other without the kernel catching up; one more takes the C++ path. Bounds the work of
 * catching up. At most 31: it is the operand of a ccmp.
 */
#define DIRECT_DEPTH_MAXIMUM 7

#define CORE_ARMED 0
#define CORE_FLOATING_POINT_OWNER 8

#ifndef __ASSEMBLER__
#include <cstddef>
#include <cstdint>

namespace port {

struct ThreadContext;

/// Of one core, for its own use.
struct CoreWords {
  std::uint64_t armed = ~std::uint64_t{0};        ///< what its comparator is set to; all ones: silent. Never 0.
  ThreadContext* floating_point_owner = nullptr;  ///< whose values the floating-point registers hold
};
static_assert(offsetof(CoreWords, armed) == CORE_ARMED);
static_assert(offsetof(CoreWords, floating_point_owner) == CORE_FLOATING_POINT_OWNER);

}  // namespace port
#endif
#endif
