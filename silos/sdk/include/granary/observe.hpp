// SPDX-License-Identifier: Apache-2.0
//
// What an operator sees (`operator = true` in the manifest): every silo, thread and capability, as records of abi.hpp.
//
//   handles::system.each_silo([](const abi::SiloRecord& silo) { printf("%s\n", silo.name); }).value();
//
// Names end with a zero. A list that changes meanwhile is told as it is when each part of it is read.
#pragma once

#include <cstddef>

#include "granary/objects.hpp"
#include "granary/system.hpp"

namespace granary {

namespace detail {

/// Reads part by part: `read(cursor, raw)` is the system call, which leaves raw.records records in the message page.
template <typename Record, typename Raw, typename Read, typename Visit>
Result<void> each_record(SystemCall call, Read read, Visit visit) {
  std::uint64_t page = 0;
  granary_message_page(&page);
  Raw raw = {};
  do {
    const granary_status status = read(raw.next_cursor, raw);
    if (status != GRANARY_OK) return error_of(status, call);
    // SAFETY: the kernel has just written so many records there, in the page of this thread.
    const auto* const records = reinterpret_cast<const Record*>(page);
    for (std::uint64_t i = 0; i < raw.records; ++i) visit(records[i]);
  } while (raw.next_cursor != 0);
  return {};
}

}  // namespace detail

template <typename Visit>
Result<void> System::each_silo(Visit visit) const {
  return detail::each_record<abi::SiloRecord, granary_system_silos_result>(
      SystemCall::SYSTEM_SILOS,
      [this](std::uint64_t cursor, auto& raw) { return granary_system_silos(value(), cursor, &raw); }, visit);
}

template <typename Visit>
Result<void> System::each_thread(Visit visit) const {
  return detail::each_record<abi::ObservedThread, granary_system_threads_result>(
      SystemCall::SYSTEM_THREADS,
      [this](std::uint64_t cursor, auto& raw) { return granary_system_threads(value(), cursor, &raw); }, visit);
}

template <typename Visit>
Result<void> System::each_capability(std::uint32_t silo, Visit visit) const {
  return detail::each_record<abi::CapabilityRecord, granary_system_capabilities_result>(
      SystemCall::SYSTEM_CAPABILITIES,
      [this, silo](std::uint64_t cursor, auto& raw) {
        return granary_system_capabilities(value(), silo, cursor, &raw);
      },
      visit);
}

}  // namespace granary
