// SPDX-License-Identifier: Apache-2.0
//
// What the headers of the C++ library call where they would throw: there are no exceptions, so the silo ends with a
// sentence. Of the compiled half of the library only what containers need is linked (sdk.mk).
#include <bits/functexcept.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <memory>

#include "granary/granary.hpp"
#include "internal.hpp"

namespace {
[[noreturn]] void end_silo(const char* what) {
  granary::detail::print("the C++ library refused: ");
  granary::detail::print(what);
  granary::detail::print("\n");
  abort();
}
}  // namespace

namespace std {
void __throw_bad_alloc() { end_silo("no memory"); }
void __throw_bad_array_new_length() { end_silo("an array of that length cannot be made"); }
void __throw_bad_cast() { end_silo("bad cast"); }
void __throw_bad_function_call() { end_silo("an empty std::function was called"); }
void __throw_logic_error(const char* what) { end_silo(what); }
void __throw_domain_error(const char* what) { end_silo(what); }
void __throw_invalid_argument(const char* what) { end_silo(what); }
void __throw_length_error(const char* what) { end_silo(what); }
void __throw_out_of_range(const char* what) { end_silo(what); }
void __throw_out_of_range_fmt(const char* format, ...) {
  char what[96];
  va_list values;
  va_start(values, format);
  vsnprintf(what, sizeof what, format, values);
  va_end(values);
  end_silo(what);
}
void __throw_runtime_error(const char* what) { end_silo(what); }
void __throw_overflow_error(const char* what) { end_silo(what); }

// How std::make_shared finds its own tag without type information, if its address does not tell: it always does, since
// a silo is one program.
bool _Sp_make_shared_tag::_S_eq(const type_info&) noexcept { return false; }
}  // namespace std
