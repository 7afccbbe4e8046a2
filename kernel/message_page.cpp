// SPDX-License-Identifier: Apache-2.0
//
// Message pages: making, reading, writing.
#include "kernel/message_page.hpp"

#include <atomic>
#include <new>

#include "kernel/port/memory_window.hpp"

namespace kernel {

namespace {

/// Flags that a message of a batch may carry: no handle travels in one.
constexpr std::uint64_t kFlagsInBatch = abi::kFlagEightWords;
constexpr unsigned kWordsAlways = 4;

/// The one read of a word that somebody else may be writing.
std::uint64_t read_once(std::uint64_t& word) {
  // ORDERING: relaxed: one access of the whole word; what the silo has not ordered itself, it does not get ordered.
  return std::atomic_ref<std::uint64_t>(word).load(std::memory_order_relaxed);
}
void write_once(std::uint64_t& word, std::uint64_t value) {
  // ORDERING: relaxed: the thread that reads it returns from a system call first.
  std::atomic_ref<std::uint64_t>(word).store(value, std::memory_order_relaxed);
}

base::Result<AddressRange> range_of(std::uint32_t index) {
  return AddressRange::make(message_page_address(index), base::PageCount(1));
}

}  // namespace

base::Result<AddressRange> message_pages_range() {
  return AddressRange::make(message_page_address(0), base::PageCount(kThreadsPerSilo));
}

base::Result<abi::MessagePage*> make_message_page(Unlocked unlocked, AddressSpace& space, std::uint32_t index) {
  const AddressRange range = TRY(range_of(index));
  std::byte* const memory = TRY(allocate_kernel_page(unlocked));
  const auto mapped =
      space.map(unlocked, range, physical_address_of(memory), port::Access::ReadWrite, port::MemoryKind::Normal, false);
  if (!mapped.ok()) {
    free_kernel_page(unlocked, memory);
    return mapped.error();
  }
  return ::new (memory) abi::MessagePage{};
}

void discard_message_page(Unlocked unlocked, AddressSpace& space, std::uint32_t index, abi::MessagePage& page) {
  const base::Result<AddressRange> range = range_of(index);
  if (!range.ok() || !space.unmap(range.value()).ok()) __builtin_trap();  // make_message_page has mapped it
  free_kernel_page(unlocked, static_cast<std::byte*>(static_cast<void*>(&page)));
}

void clear_message_page(abi::MessagePage& page) {
  // The silo has the whole page, behind the last entry as well.
  port::zero_memory(static_cast<std::byte*>(static_cast<void*>(&page)), base::kPageSize);
}

std::span<const std::byte> bytes_of(const abi::MessagePage& page) {
  // The page was made as bytes (make_message_page), all of which are its.
  return {static_cast<const std::byte*>(static_cast<const void*>(&page)), base::kPageSize};
}

base::Result<std::uint64_t> read_flags(abi::MessageEntry& entry) {
  const std::uint64_t flags = read_once(entry.flags);
  if ((flags & ~kFlagsInBatch) != 0) return base::Error::EINVAL;
  return flags;
}

void read_words(abi::MessageEntry& entry, std::uint64_t flags, ipc::Message& message) {
  message.opcode = read_once(entry.opcode);
  message.flags = flags;
#pragma GCC unroll 4
  for (unsigned i = 0; i < kWordsAlways; ++i) message.word[i] = read_once(entry.word[i]);
  const bool has_eight = (flags & abi::kFlagEightWords) != 0;
#pragma GCC unroll 4
  for (unsigned i = kWordsAlways; i < abi::kMessageWords; ++i)
    message.word[i] = has_eight ? read_once(entry.word[i]) : 0;
  message.attachment = nullptr;
}

base::Result<ipc::Message> read_entry(abi::MessagePage& page, std::uint32_t index) {
  abi::MessageEntry& entry = page.entry[index];
  const std::uint64_t flags = TRY(read_flags(entry));
  ipc::Message message;
  read_words(entry, flags, message);
  return message;
}

void write_entry(abi::MessagePage& page, std::uint32_t index, const ipc::Message& message, std::uint64_t badge,
                 std::uint64_t label) {
  write_entry(page, index, ipc::Delivery{message, badge, 0, static_cast<std::uint32_t>(label)});
}

void write_entry(abi::MessagePage& page, std::uint32_t index, const ipc::Delivery& delivery) {
  abi::MessageEntry& entry = page.entry[index];
  write_once(entry.opcode, delivery.message.opcode);
  write_once(entry.flags, delivery.message.flags);
  for (unsigned i = 0; i < abi::kMessageWords; ++i) write_once(entry.word[i], delivery.message.word[i]);
  write_once(entry.badge, delivery.badge);
  write_once(entry.token, delivery.token);
  write_once(entry.label, delivery.label);
  for (std::uint64_t& reserved : entry.reserved) write_once(reserved, 0);
}

}  // namespace kernel
