// SPDX-License-Identifier: Apache-2.0
//
// First include of every host test: GoogleTest and the standard headers that drag in <cerrno>, whose macros EINVAL and
// so on would otherwise replace the enumerators of base::Error. After it those names are ours; the headers are guarded
// and do not come again.
#pragma once

// <cxxabi.h>, which GoogleTest includes, makes `abi` an alias; under another name it leaves ours alone.
#define abi cxx_runtime_abi
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

// A system call has this name, and <sys/wait.h> a macro.
#undef WAIT_ANY
#undef abi

#undef EPERM
#undef ENOENT
#undef EIO
#undef EBADF
#undef EAGAIN
#undef ENOMEM
#undef EEXIST
#undef EXDEV
#undef EBUSY
#undef EINVAL
#undef ENOSPC
#undef EPIPE
#undef EDEADLK
#undef ENOSYS
#undef EBADMSG
#undef ENOTSUP
#undef ETIMEDOUT
#undef EDQUOT
