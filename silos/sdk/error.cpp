// SPDX-License-Identifier: Apache-2.0
//
// What is said when the value of a failed result is used: a line that names the place, the system call and the error in
// words, and one of what may help. Behind them the silo aborts.
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "granary/result.hpp"
#include "internal.hpp"

namespace granary {

namespace {

/// NULL_CALL stands for no call. A switch would become a table with a place for each number that is none.
struct CallName {
  std::uint16_t number;
  const char* name;
};
constexpr CallName kCallNames[] = {
#define SYSTEM_CALL(call_number, call_name, object, right, in, out, errors, text) \
  {call_number, call_number == 0 ? "" : #call_name},
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};

void print_number(std::uint64_t number, int base) {
  char digits[20];
  const char* const end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  detail::print({digits, static_cast<std::size_t>(end - digits)});
}

[[noreturn]] void say_and_abort(Error error) {
  detail::print(": ");
  if (*error.call() != '\0') {
    detail::print(error.call());
    detail::print(": ");
  }
  detail::print(error.name());
  detail::print(": ");
  detail::print(error.message());
  detail::print("\n");
  if (*error.hint() != '\0') {
    detail::print("  ");
    detail::print(error.hint());
    detail::print("\n");
  }
  std::abort();
}

const char* quota_of(SystemCall call) {
  switch (call) {
    case SystemCall::PORT_CREATE: return "see the quota `ports` of the silo in the manifest";
    case SystemCall::CHAN_CREATE: return "see the quotas `channels` and `messages` of the silo in the manifest";
    case SystemCall::ASYNC_CREATE:
      return "see the quotas `async_channels` and `async_messages` of the silo in the manifest";
    case SystemCall::NOTIFICATION_CREATE: return "see the quota `notifications` of the silo in the manifest";
    case SystemCall::SEMAPHORE_CREATE: return "see the quota `semaphores` of the silo in the manifest";
    case SystemCall::TIMER_CREATE: return "see the quota `timers` of the silo in the manifest";
    case SystemCall::BIND: return "see the quota `bindings` of the silo in the manifest";
    case SystemCall::REGION_CREATE: return "see the quotas `regions` and `region_pages` of the silo in the manifest";
    case SystemCall::REGION_MAP: return "see the quota `mapped_pages` of the silo in the manifest";
    default: return "see `quota` of the silo in the manifest";
  }
}

}  // namespace

const char* Error::call() const {
  for (const CallName& known : kCallNames) {
    if (known.number == static_cast<unsigned>(system_call())) return known.name;
  }
  return "";
}

const char* Error::hint() const {
  const SystemCall call = system_call();
  switch (number()) {
    case 1:  // EPERM
      if (call == SystemCall::NAME_PUBLISH)
        return "see `publisher` of the name and `shareable` of the port in the manifest";
      if (call == SystemCall::SILO_PLEDGE) return "what a pledge gave up does not come back";
      return "see the rights of the handle in the manifest";
    case 2:  // ENOENT
      if (call == SystemCall::NAME_CONNECT || call == SystemCall::NAME_PUBLISH)
        return "no [name.NAME] of the manifest is called so";
      return "what was meant has ended already, or was not made yet";
    case 9: return "the handle is empty, closed or revoked";  // EBADF
    case 11:                                                  // EAGAIN
      if (call == SystemCall::NAME_CONNECT) return "nobody has published it yet; with a deadline, connect() waits";
      if (is_async_send()) return "receive more often, or give it a larger `capacity`";
      return "try again later, or use the call that waits";
    case 12:  // ENOMEM
      if (*this->call() == '\0')
        return "it needs more memory than it was given; a line on the console may say how much";
      return "free what is not used, or give the machine more memory";
    case 13:  // EACCES
      if (call == SystemCall::NAME_CONNECT) return "see `connectors` of the name and [flow] in the manifest";
      return "see [flow] in the manifest";
    case 16: return "answer calls that were taken before, or try again later";  // EBUSY
    case 17:                                                                    // EEXIST
      if (call == SystemCall::SYSTEM_START) return "it runs; restart() stops it first";
      return "use the one that is there, or end it first";
    case 18: return "give both silos the same `core` in the manifest";  // EXDEV
    case 22:                                                            // EINVAL
      if (call == SystemCall::SYSTEM_REPLACE) return "use images::SILO::NAME of handles.hpp";
      if (is_about_a_silo()) return "use silos::NAME of handles.hpp";
      return "see the ranges of the arguments of this call";
    case 28: return "see `capabilities` of the silo in the manifest, or close what is not used";  // ENOSPC
    case 32: return "it has ended for good: the console says why, `restart` in the manifest how often it may";  // EPIPE
    case 35: return "make one of the calls a send, so that nobody waits in a circle";       // EDEADLK
    case 38: return "use the kernel and the library of one SDK";                            // ENOSYS
    case 40: return "let a server answer before it asks the next one";                      // ELOOP
    case 74: return "the console says what is wrong with it; make the system image again";  // EBADMSG
    case 91: return "build both silos again from the same manifest";                        // EPROTOTYPE
    case 104: return "ask again: who asks now waits until it is back";                      // ECONNRESET
    case 105: return "see `rate` of the silo in the manifest";                              // ENOBUFS
    case 110:                                                                               // ETIMEDOUT
      if (call == SystemCall::NAME_CONNECT) return "nobody has published it: see whether its `publisher` runs";
      return "see what the other side does, or give a later deadline";
    case 122: return quota_of(call);                                     // EDQUOT
    case 125: return "ask whoever gave the capability for another one";  // ECANCELED
    default: return "";
  }
}

void detail::die_of(Error error, const char* file, unsigned line) {
  const char* const folder = std::strrchr(file, '/');
  print(folder == nullptr ? file : folder + 1);
  print(":");
  print_number(line, 10);
  say_and_abort(error);
}

[[gnu::noinline]] void detail::die_of(Error error) {
  // SAFETY: only the number is looked at. It is one instruction behind the call, which may be the caller's last.
  const auto behind = reinterpret_cast<std::uintptr_t>(__builtin_return_address(0));
  print("at 0x");
  print_number(behind - 4, 16);
  say_and_abort(error);
}

}  // namespace granary
