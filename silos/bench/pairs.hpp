// SPDX-License-Identifier: Apache-2.0
//
// What the silos of the system bench_cores agree on. On each core is a pair of silos that have nothing to do with those
// of other cores; the measuring silo orders some of the pairs to do their rounds at the same time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "granary/granary.hpp"
#include "handles.hpp"

/// The programs of a pair are the same for each core, the names in the manifest are not: what the manifest does not
/// give to this silo is found here, because a name of the namespace itself goes before one that it only uses.
namespace absent {
inline constexpr granary::Port orders_0, orders_1, orders_2, orders_3, echo_0, echo_1, echo_2, echo_3, far_0, far_2;
inline constexpr granary::Channel wire_0, wire_1, wire_2, wire_3;
}  // namespace absent
namespace granary::handles {
using namespace absent;
}

namespace bench {

inline constexpr std::size_t kPairs = 4;

/// The opcode of an order. Its first word is the row.
enum class Order : std::uint64_t {
  Calls,     ///< to the server of the pair, in a window of the pair's own
  Messages,  ///< over the SyncChan of the pair, there and back, in a window of the pair's own
  FarCalls,  ///< to a server on another core, in the window of who ordered it
};

inline constexpr std::uint64_t kPairCalls = 30'000;
inline constexpr std::uint64_t kPairMessages = 5'000;
inline constexpr std::uint64_t kFarCalls = 10'000;

inline constexpr granary::Port kOrders[kPairs] = {handles::orders_0, handles::orders_1, handles::orders_2,
                                                  handles::orders_3};
inline constexpr granary::Port kEchoes[kPairs] = {handles::echo_0, handles::echo_1, handles::echo_2, handles::echo_3};
inline constexpr granary::Port kFarEchoes[kPairs] = {handles::far_0, {}, handles::far_2, {}};
inline constexpr granary::Channel kWires[kPairs] = {handles::wire_0, handles::wire_1, handles::wire_2, handles::wire_3};

}  // namespace bench
