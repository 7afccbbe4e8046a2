// SPDX-License-Identifier: Apache-2.0
//
// The end of a kernel that found itself wrong: for broken invariants only. Nothing that a silo does may lead here
// (style rule 25; tools/check_reach). Leaves the epitaph (hal/aarch64/epitaph.hpp), prints "granary: DEAD: <reason>"
// and stops the machine.
#pragma once

namespace port {

/// `reason` is a static sentence without a full stop, in words that need no source code at hand.
[[noreturn]] void die(const char* reason);

}  // namespace port
