// SPDX-License-Identifier: Apache-2.0
//
// What the silos of the system bench_streams agree on: pairs of a source and a sink, each on a core of its own, with a
// SyncChan between the two.
#pragma once

#include <cstddef>
#include <cstdint>

#include "granary/granary.hpp"
#include "handles.hpp"

/// As in pairs.hpp: what the manifest does not give to a silo is found here.
namespace absent {
inline constexpr granary::Port orders_0, orders_1, orders_2, orders_3;
inline constexpr granary::Channel stream_0, stream_1, stream_2, stream_3;
}  // namespace absent
namespace granary::handles {
using namespace absent;
}

namespace bench {

inline constexpr std::size_t kStreams = 4;
inline constexpr std::uint64_t kStreamMessages = 10'000;

inline constexpr granary::Port kOrders[kStreams] = {handles::orders_0, handles::orders_1, handles::orders_2,
                                                    handles::orders_3};
inline constexpr granary::Channel kStreamsOf[kStreams] = {handles::stream_0, handles::stream_1, handles::stream_2,
                                                          handles::stream_3};

}  // namespace bench
