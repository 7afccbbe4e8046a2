// SPDX-License-Identifier: Apache-2.0
//
// The configuration of the compiler's C++ library, corrected for silos: no POSIX threads or semaphores, and no Linux
// futex under std::atomic.
#pragma once
#include_next <bits/c++config.h>
#undef _GLIBCXX_HAS_GTHREADS
#undef _GLIBCXX_HAVE_LINUX_FUTEX
#undef _GLIBCXX_HAVE_POSIX_SEMAPHORE
#undef _GLIBCXX_USE_POSIX_SEMAPHORE
