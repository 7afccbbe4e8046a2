// SPDX-License-Identifier: Apache-2.0
//
// Message page: one page of kernel memory for each thread, mapped read-write into its silo, through which the messages
// of a batch travel. The kernel uses its own mapping of the page, so nothing that a silo does to its address space
// changes what is read.
//
// Every word of the page is an allegation that can change at any time: another thread of the silo may write it, on
// another core even while the kernel reads. So each word is read once, into kernel memory, and checked there; nothing
// is read back from the page. What a thread makes of words that another one scribbles over is the silo's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "ipc/abi/abi.hpp"
#include "ipc/message.hpp"
#include "kernel/address_space.hpp"
#include "kernel/base/result.hpp"
#include "kernel/kernel_memory.hpp"
#include "kernel/limits.hpp"

namespace kernel {

static_assert(sizeof(abi::MessagePage) <= base::kPageSize);

/// Where the message pages of a silo's threads are; no region may be there.
base::Result<AddressRange> message_pages_range();
/// Where that of its thread number `index` is.
constexpr base::SiloAddress message_page_address(std::uint32_t index) {
  return base::SiloAddress(abi::kMessagePagesStart + std::uint64_t{index} * base::kPageSize);
}

/// A zeroed page, mapped for the silo's thread number `index`. ENOMEM, EEXIST; nothing has changed then.
base::Result<abi::MessagePage*> make_message_page(Unlocked, AddressSpace& space, std::uint32_t index);
/// Takes it back from a thread that was never made.
void discard_message_page(Unlocked, AddressSpace& space, std::uint32_t index, abi::MessagePage& page);

/// Zero again, as for a new thread.
void clear_message_page(abi::MessagePage& page);
/// All of the page, behind the last entry as well. Nobody writes it meanwhile: its silo has stopped.
std::span<const std::byte> bytes_of(const abi::MessagePage& page);

/// The message in an entry, 0 to abi::kBatchMaximum - 1. EINVAL if its flags have a bit that a message of a batch may
/// not carry. Words that the flags do not announce are not read.
base::Result<ipc::Message> read_entry(abi::MessagePage& page, std::uint32_t index);
/// The same in two steps, for quick batches: flags that a message of a batch may carry, and what they announce.
base::Result<std::uint64_t> read_flags(abi::MessageEntry& entry);
void read_words(abi::MessageEntry& entry, std::uint64_t flags, ipc::Message& message);
/// All of an entry; without a token.
void write_entry(abi::MessagePage& page, std::uint32_t index, const ipc::Message& message, std::uint64_t badge,
                 std::uint64_t label);
void write_entry(abi::MessagePage& page, std::uint32_t index, const ipc::Delivery& delivery);

}  // namespace kernel
