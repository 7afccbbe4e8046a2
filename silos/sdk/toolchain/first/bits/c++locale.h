// SPDX-License-Identifier: Apache-2.0
//
// There is one locale in a silo, "C", and no stream that would ask for it: only what headers of the C++ library name on
// the way to iterators and smart pointers.
#pragma once
#include <clocale>
#define _GLIBCXX_NUM_CATEGORIES 0

namespace std {
using __c_locale = int*;
int __convert_from_v(const __c_locale& locale, char* out, int size, const char* format, ...);  // nowhere defined
}  // namespace std
