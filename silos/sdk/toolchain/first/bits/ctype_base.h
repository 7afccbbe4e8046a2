// SPDX-License-Identifier: Apache-2.0
//
// Classes of characters, which the C++ library's headers want by names of glibc. Nothing that a silo can use asks for
// them: <cctype> has isalpha() and the others.
#pragma once

namespace std {
struct ctype_base {
  using __to_type = const int*;
  using mask = unsigned short;
  static constexpr mask upper = 1 << 0, lower = 1 << 1, alpha = 1 << 2, digit = 1 << 3, xdigit = 1 << 4, space = 1 << 5,
                        print = 1 << 6, graph = alpha | digit, cntrl = 1 << 7, punct = 1 << 8, alnum = alpha | digit,
                        blank = 1 << 9;
};
}  // namespace std
