// SPDX-License-Identifier: Apache-2.0
//
// Small functions over text: names, sizes in words, near misses. Pure; nothing here knows the manifest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tool {

/// "4 KiB", "1 MiB", "512 B", "0": bytes; nothing if it is not a size or does not fit 64 bits.
std::optional<std::uint64_t> parse_size(std::string_view text);
/// The largest unit that divides it: "16 KiB".
std::string size_text(std::uint64_t bytes);
/// "2 ms", "100 us", "1 s": microseconds; nothing if it is not a time or does not fit 64 bits.
std::optional<std::uint64_t> parse_time(std::string_view text);
/// The largest unit that divides it: "2 ms".
std::string time_text(std::uint64_t microseconds);
/// "0x10000"
std::string hexadecimal(std::uint64_t value);

/// Why `name` cannot name a silo, object or thread (it becomes an identifier in C and C++), or nothing if it can.
std::optional<std::string> name_defect(std::string_view name);
/// Whether it has a meaning of its own in C, C++ or the generated header.
bool is_reserved(std::string_view name);
/// What to do about a name that has a defect.
std::string name_remedy(std::string_view name);
/// Whether a path has none of the characters that mean something to make or the shell, a space among them.
bool make_can_handle(std::string_view path);
/// [A-Za-z_][A-Za-z0-9_]*: what the symbol table of a program, or a name of a silo, may be.
bool is_symbol(std::string_view text);

/// `word`, for sentences.
std::string ticked(std::string_view word);
/// The candidate that `text` was probably meant to be, or nothing.
std::optional<std::string> nearest(std::string_view text, const std::vector<std::string>& candidates);
/// "a, b and c"
std::string list(const std::vector<std::string>& words);

}  // namespace tool
