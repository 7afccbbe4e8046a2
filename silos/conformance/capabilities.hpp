// SPDX-License-Identifier: Apache-2.0
//
// What the three files of the silo `capabilities` share: the peers, by whom they are called here, their handles, and
// what it asks them most often.
#pragma once

#include "handles.hpp"
#include "remote.hpp"

namespace conformance {

using abi::SystemCall;

inline constexpr Remote alice(handles::alice_orders);
inline constexpr Remote stranger(handles::stranger_orders);
inline constexpr Remote crowded(handles::crowded_orders);
inline constexpr Remote pledger(handles::pledger_orders);
inline constexpr Remote mortal(handles::mortal_orders);

inline constexpr std::uint64_t kSend = GRANARY_RIGHT_PORT_SEND, kCall = GRANARY_RIGHT_PORT_CALL;
inline constexpr std::uint64_t kReceive = GRANARY_RIGHT_PORT_RECEIVE, kPass = GRANARY_RIGHT_GRANT;
inline constexpr std::uint64_t kOwnLabel = 1 | 1 << 8 | 7 << 16;
inline constexpr std::uint64_t kFriendsLabel = 2 | 3 << 8 | 1234 << 16;

/// The peer's handles of the manifest, in its table's order: console, ports, channels, what is shared.
constexpr std::uint64_t at(std::uint32_t slot) { return abi::make_manifest_handle(slot); }
inline constexpr std::uint64_t kConsole = at(1);
namespace friends {
inline constexpr std::uint64_t crowded_orders = at(3), inbox = at(5), pipe = at(6), plain = at(7), news = at(8);
}

inline std::uint64_t rights_of(const Remote& peer, std::uint64_t handle) {
  const Outcome info = peer.call(SystemCall::HANDLE_INFO, {.x0 = handle});
  return info.status == 0 ? info.x4 : 0;
}
inline bool has(const Remote& peer, std::uint64_t handle) {
  return peer.status(SystemCall::HANDLE_INFO, {.x0 = handle}) == 0;
}
inline std::int64_t send_through(const Remote& peer, std::uint64_t handle) {
  return peer.status(SystemCall::PORT_TRY_SEND, {.x0 = handle, .x1 = 5});
}
/// Whether a silo receives through what it was passed on: not on another core than the port's (EXDEV).
inline bool receives(const Remote& peer, std::uint64_t handle) {
  const std::int64_t status = peer.status(SystemCall::PORT_TRY_RECEIVE, {.x0 = handle});
  if (status == minus(kOtherCore)) printf("# a silo is on another core\n");
  return status != minus(kOtherCore);
}
inline void drop(const Remote& peer, std::uint64_t handle) { peer.call(SystemCall::HANDLE_CLOSE, {.x0 = handle}); }

void revokes();   // capabilities_revoke.cpp
void policies();  // capabilities_policy.cpp: names, labels, flow, pledges

}  // namespace conformance
