// SPDX-License-Identifier: Apache-2.0
//
// How often timer_waiter.cpp wakes, and how far apart: what the measuring silo has to know of it.
#pragma once

#include <chrono>
#include <cstdint>

namespace bench {

inline constexpr std::uint64_t kTimerWakeUps = 200;
inline constexpr std::chrono::microseconds kTimerPeriod{100};

}  // namespace bench
