// SPDX-License-Identifier: Apache-2.0
//
// The configuration of the compiler's C++ library, corrected for silos: its freestanding half, no POSIX threads and
// no Linux futex under std::atomic. (The compiler itself is told that the environment is hosted, so that main() and
// printf mean what they say.)
#pragma once
#include_next <bits/c++config.h>
#undef _GLIBCXX_HOSTED
#define _GLIBCXX_HOSTED 0
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_HAVE_LINUX_FUTEX
