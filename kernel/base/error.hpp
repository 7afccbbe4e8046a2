// SPDX-License-Identifier: Apache-2.0
//
// Error: the one space of errors, the names and numbers of ipc/abi/errors.def (kept equal by a test in ipc/), plus
// those that only the boot path can meet. An Error is never success; success is a Result that holds a value.
#pragma once

#include <atomic>  // brings <cerrno> now, whose guard keeps its macros from coming back behind the lines below
#include <cstdint>

// The C library's macros of the same names would replace our enumerators.
#undef EPERM
#undef ENOENT
#undef EIO
#undef EBADF
#undef EAGAIN
#undef ENOMEM
#undef EACCES
#undef EEXIST
#undef EXDEV
#undef EBUSY
#undef EINVAL
#undef ENOSPC
#undef EPIPE
#undef EDEADLK
#undef ENOSYS
#undef ELOOP
#undef EBADMSG
#undef ENOTSUP
#undef EPROTOTYPE
#undef ETIMEDOUT
#undef EDQUOT
#undef ENOBUFS
#undef ECONNRESET
#undef ECANCELED

namespace base {

enum class Error : std::int32_t {
  EPERM = 1,
  ENOENT = 2,
  EIO = 5,
  EBADF = 9,
  EAGAIN = 11,
  ENOMEM = 12,
  EACCES = 13,
  EBUSY = 16,
  EEXIST = 17,
  EXDEV = 18,
  EINVAL = 22,
  ENOSPC = 28,
  EPIPE = 32,
  EDEADLK = 35,
  ENOSYS = 38,
  ELOOP = 40,
  EBADMSG = 74,  ///< damaged data
  EPROTOTYPE = 91,
  ENOTSUP = 95,
  ECONNRESET = 104,
  ENOBUFS = 105,
  ETIMEDOUT = 110,
  EDQUOT = 122,
  ECANCELED = 125,
};

/// The word that goes to a silo in X0: the negative number.
constexpr std::uint64_t to_status(Error error) { return static_cast<std::uint64_t>(-static_cast<std::int64_t>(error)); }

}  // namespace base
