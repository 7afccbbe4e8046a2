// SPDX-License-Identifier: Apache-2.0
//
// Streams: bulk data from one silo to another through memory that both can write, without a system call while both
// are awake. One StreamWriter and one StreamReader, each used by one thread at a time, on the same shared memory,
// which is all zero when the first of them opens it. Messages of 64 bytes and plain bytes go through the same ring in
// one order.
//
// The other side is not trusted. It can read and write all of the shared memory, so it decides every byte that is
// received; it cannot make this side read or write outside the ring, or loop past its deadline. An index that cannot be
// ends the stream: kPeerGone from then on, and corrupt() says why. It can lie about being asleep, which costs a bell
// for each publication, or about being awake: then this side sleeps until its own deadline. Give one to what must not
// hang.
//
// After the end of either side a new stream needs new memory, or memory that both have left and that was zeroed.
#pragma once

#include <array>
#include <type_traits>

#include "granary/stream_side.hpp"

namespace granary {

/// 64 bytes that travel together: a receiver gets all of them or none.
struct StreamMessage {
  std::array<std::uint64_t, kStreamMessageBytes / sizeof(std::uint64_t)> words{};

  /// A message that carries a copy of `value`: any trivially copyable type of at most 64 bytes.
  template <typename T>
  static StreamMessage of(const T& value) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kStreamMessageBytes);
    StreamMessage message;
    std::memcpy(message.words.data(), &value, sizeof value);
    return message;
  }
  /// The value that `of` put in. The sender decides the bytes: check what matters.
  template <typename T>
  T as() const {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kStreamMessageBytes);
    T value;
    std::memcpy(&value, words.data(), sizeof value);
    return value;
  }
  constexpr bool operator==(const StreamMessage&) const = default;
};
static_assert(sizeof(StreamMessage) == kStreamMessageBytes);

/// Bytes of shared memory, in whole pages, for a stream that holds so many messages.
constexpr std::size_t stream_memory_bytes(std::size_t messages) {
  constexpr std::size_t kPage = 4096;
  return (sizeof(detail::StreamLayout) + messages * kStreamMessageBytes + kPage - 1) / kPage * kPage;
}

template <Doorbell Bell, typename Words = detail::SharedWords>
class StreamWriter {
 public:
  /// `messages`, a power of two, is the ring's size in units of 64 bytes; both sides name the same. kInvalidArgument
  /// for another number than the other side has named, for one that is no power of two, and for memory that is too
  /// small or not aligned to 64 bytes.
  static Result<StreamWriter> open(std::span<std::byte> memory, std::size_t messages, Bell bell) {
    StreamWriter writer;
    const Result<void> opened = writer.side_.open(detail::StreamRole::Writer, memory, messages, std::move(bell));
    if (!opened) return opened.error();
    return writer;
  }
  /// The reader has written what no reader writes; the stream is over.
  bool corrupt() const { return side_.corrupt(); }

  /// Success means that it is in the ring. Waits for room. kTimedOut, kPeerGone; with do_not_block kWouldBlock.
  Result<void> send(const StreamMessage& message, Deadline deadline = forever) {
    if (!side_.in_run() && !side_.more_run()) [[unlikely]]
      return send_slowly(message, deadline);
    std::byte* const here = side_.next();
    std::memcpy(here, &message, sizeof message);
    return side_.advance_in_run(here);
  }
  /// Sends all of them in few publications, which is cheaper. How many were sent: fewer than all only if the deadline
  /// passed, or with do_not_block; none is an error. kPeerGone as soon as that is known, whatever was sent.
  Result<std::size_t> send(std::span<const StreamMessage> messages, Deadline deadline = forever) {
    const Result<std::size_t> bytes = put_all(std::as_bytes(messages), kStreamMessageBytes, deadline);
    if (!bytes) return bytes;
    return *bytes / kStreamMessageBytes;
  }
  /// The same for bytes: writes all of them, waiting for room as often as needed, and says how many it were.
  Result<std::size_t> write(std::span<const std::byte> bytes, Deadline deadline = forever) {
    return put_all(bytes, 1, deadline);
  }
  /// Without a copy: a part of the ring to write into, at least one byte, up to its end or the reader. The reader sees
  /// nothing of it before commit(), if it is honest.
  Result<std::span<std::byte>> prepare(Deadline deadline = forever) {
    const Result<std::uint64_t> room = side_.claim(~std::uint64_t{0}, 1, deadline);
    if (!room) return room.error();
    return side_.piece();
  }
  /// The first `bytes` of what prepare() gave are the reader's. kInvalidArgument if it gave less.
  Result<void> commit(std::size_t bytes) {
    if (const Result<void> may = side_.may_advance(bytes); !may) return may;
    return side_.advance(bytes);
  }

 private:
  /// Waits for room, and copes with a message that lies across the ring's end, behind odd bytes.
  [[gnu::noinline]] Result<void> send_slowly(const StreamMessage& message, Deadline deadline) {
    if (const Result<void> there = side_.wait_for(kStreamMessageBytes, deadline); !there) return there;
    return put(std::as_bytes(std::span(&message, 1)));
  }
  Result<std::size_t> put_all(std::span<const std::byte> bytes, std::size_t unit, Deadline deadline) {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const Result<std::uint64_t> room = side_.claim(bytes.size() - done, unit, deadline);
      if (!room && (done == 0 || room.error() == kPeerGone)) return room.error();
      if (!room) break;
      if (const Result<void> gone = put(bytes.subspan(done, *room)); !gone) return gone.error();
      done += *room;
    }
    return done;
  }
  Result<void> put(std::span<const std::byte> bytes) {
    side_.in_pieces(bytes.size(), [&](std::byte* ring, std::size_t at, std::size_t length) {
      detail::copy_bytes(ring, bytes.data() + at, length);
    });
    return side_.advance(bytes.size());
  }
  detail::StreamSide<Bell, Words> side_;
};

template <Doorbell Bell, typename Words = detail::SharedWords>
class StreamReader {
 public:
  /// As StreamWriter::open.
  static Result<StreamReader> open(std::span<std::byte> memory, std::size_t messages, Bell bell) {
    StreamReader reader;
    const Result<void> opened = reader.side_.open(detail::StreamRole::Reader, memory, messages, std::move(bell));
    if (!opened) return opened.error();
    return reader;
  }
  /// The writer has written what no writer writes; the stream is over.
  bool corrupt() const { return side_.corrupt(); }

  /// The next 64 bytes, copied, so that the writer cannot change them any more. kTimedOut; kPeerGone when the writer is
  /// gone and everything whole has been received; with do_not_block kWouldBlock.
  Result<void> receive(StreamMessage& message, Deadline deadline = forever) {
    if (!side_.in_run() && !side_.more_run()) [[unlikely]]
      return receive_slowly(message, deadline);
    std::byte* const here = side_.next();
    std::memcpy(&message, here, sizeof message);
    side_.advance_in_run(here).ignore();  // as in give_back()
    return {};
  }
  Result<StreamMessage> receive(Deadline deadline = forever) {
    StreamMessage message;
    if (const Result<void> received = receive(message, deadline); !received) return received.error();
    return message;
  }
  /// As many messages as are there, waiting only if there is none. How many: at least one, unless none are asked for.
  Result<std::size_t> receive(std::span<StreamMessage> messages, Deadline deadline = forever) {
    const Result<std::size_t> bytes = take_some(std::as_writable_bytes(messages), kStreamMessageBytes, deadline);
    if (!bytes) return bytes;
    return *bytes / kStreamMessageBytes;
  }
  /// The same for bytes.
  Result<std::size_t> read(std::span<std::byte> bytes, Deadline deadline = forever) {
    return take_some(bytes, 1, deadline);
  }
  /// Without a copy: what can be read, at least one byte, up to the ring's end. A HOSTILE WRITER CAN CHANGE IT WHILE
  /// YOU READ: a value that is checked and then used must be copied first, or read exactly once. When in doubt, read().
  Result<std::span<const std::byte>> peek(Deadline deadline = forever) {
    const Result<std::uint64_t> there = side_.claim(~std::uint64_t{0}, 1, deadline);
    if (!there) return there.error();
    return std::span<const std::byte>(side_.piece());
  }
  /// The first `bytes` of what peek() gave are the writer's again. kInvalidArgument if it gave less.
  Result<void> consume(std::size_t bytes) {
    if (const Result<void> may = side_.may_advance(bytes); !may) return may;
    give_back(bytes);
    return {};
  }

 private:
  /// As StreamWriter::send_slowly.
  [[gnu::noinline]] Result<void> receive_slowly(StreamMessage& message, Deadline deadline) {
    if (const Result<void> there = side_.wait_for(kStreamMessageBytes, deadline); !there) return there;
    take(std::as_writable_bytes(std::span(&message, 1)));
    return {};
  }
  Result<std::size_t> take_some(std::span<std::byte> bytes, std::size_t unit, Deadline deadline) {
    if (bytes.empty()) return std::size_t{0};
    const Result<std::uint64_t> there = side_.claim(bytes.size(), unit, deadline);
    if (!there) return there.error();
    take(bytes.first(*there));
    return std::size_t{*there};
  }
  void take(std::span<std::byte> bytes) {
    side_.in_pieces(bytes.size(), [&](const std::byte* ring, std::size_t at, std::size_t length) {
      detail::copy_bytes(bytes.data() + at, ring, length);
    });
    give_back(bytes.size());
  }
  /// A writer that is gone needs no waking, and is no reason to withhold what it sent.
  void give_back(std::size_t bytes) { side_.advance(bytes).ignore(); }
  detail::StreamSide<Bell, Words> side_;
};

}  // namespace granary
