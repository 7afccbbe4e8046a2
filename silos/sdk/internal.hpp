// SPDX-License-Identifier: Apache-2.0
//
// What the SDK's own files share and programs do not see.
#pragma once

#include <string_view>

namespace granary::detail {

/// Adds to the calling thread's line, as printf does; complete lines go to the console.
void print(std::string_view text);
/// Hands what the calling thread has printed of an unfinished line to the console.
void flush_console();

}  // namespace granary::detail
