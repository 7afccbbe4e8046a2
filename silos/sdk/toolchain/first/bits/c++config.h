// SPDX-License-Identifier: Apache-2.0
//
// The configuration of the compiler's C++ library, corrected for silos: no POSIX threads or semaphores, no Linux futex
// under std::atomic, and std::string and the others are instantiated by who uses them, since no compiled ones are
// linked.
#pragma once
#include_next <bits/c++config.h>
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_HAVE_LINUX_FUTEX
#undef _GLIBCXX_HAVE_POSIX_SEMAPHORE
#undef _GLIBCXX_USE_POSIX_SEMAPHORE
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
