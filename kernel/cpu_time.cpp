// SPDX-License-Identifier: Apache-2.0
#include "kernel/cpu_time.hpp"

#include "kernel/core.hpp"
#include "kernel/silo.hpp"
#include "kernel/system_call.hpp"

namespace kernel {

base::Ticks cpu_time(const Thread& thread) { return thread.core().time_of(thread.own_context()); }

base::Ticks cpu_time(const Silo& silo) {
  base::Ticks sum;
  for (const Thread* const thread : silo.threads()) sum = sum + cpu_time(*thread);
  return sum;
}

std::uint64_t exhaustions(const Silo& silo) {
  std::uint64_t sum = 0;
  for (const Thread* const thread : silo.threads()) {
    if (const Limit* const limit = thread->own_context().limit) sum += limit->exhaustions;
  }
  return sum;
}

template <>
base::Result<Decision> handle<abi::SystemCall::THREAD_TIME>(const Call& call) {
  const Limit* const limit = call.thread.own_context().limit;
  call.results().succeed(cpu_time(call.thread).value(), cpu_time(call.silo()).value(),
                         call.core().budget_left(call.thread).value(), limit == nullptr ? 0 : limit->exhaustions);
  return Decision::stay();
}

template <>
base::Result<Decision> handle<abi::SystemCall::SILO_TIME>(const Call& call) {
  const Silo& silo = silo_of(*call.capability);
  call.results().succeed(cpu_time(silo).value(), exhaustions(silo));
  return Decision::stay();
}

}  // namespace kernel
