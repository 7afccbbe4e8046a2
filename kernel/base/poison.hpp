// SPDX-License-Identifier: Apache-2.0
//
// Included before everything else in kernel/ and ipc/ (build flag): what these layers may not use does not compile
// there. The standard headers are included first, because some of them use the words themselves.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#pragma GCC poison asm __asm__ __asm volatile __volatile__
