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
  if (*this == kNotPermitted && call == SystemCall::NAME_PUBLISH)
    return "see `publisher` of the name and `shareable` of the port in the manifest";
  if (*this == kNotPermitted && call == SystemCall::SILO_PLEDGE) return "what a pledge gave up does not come back";
  if (*this == kNotPermitted) return "see the rights of the handle in the manifest";
  if (*this == kBadHandle) return "the handle is empty, closed or revoked";
  if (*this == kForbiddenFlow && call == SystemCall::NAME_CONNECT)
    return "see `connectors` of the name and [flow] in the manifest";
  if (*this == kForbiddenFlow) return "see [flow] in the manifest";
  if (*this == kTableFull) return "see `capabilities` of the silo in the manifest, or close what is not used";
  if (*this == kContractMismatch) return "build both silos again from the same manifest";
  if (*this == kRateExceeded) return "see `rate` of the silo in the manifest";
  if (*this == kQuotaExceeded) return quota_of(call);
  return "";
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
