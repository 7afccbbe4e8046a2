// SPDX-License-Identifier: Apache-2.0
//
// SyncChans and AsyncChans: with another silo at the other end, and alone, where a send finds room and nobody waits.
#include <cstring>

#include "calls.hpp"
#include "parts.hpp"
#include "ping_pong.hpp"

namespace bench {

namespace {

constexpr std::uint64_t kFilled = 1000;  // messages that fit into a SyncChan of ours, and so a window
constexpr std::uint64_t kFills = kRounds / kFilled;
constexpr std::uint64_t kAsyncFilled = 250;
constexpr std::uint64_t kAsyncFills = kRounds / kAsyncFilled;
constexpr std::uint64_t kBatch = GRANARY_BATCH_MAXIMUM;

/// Opens the window around `rounds` of step, without a warm-up of its own: a queue is filled and emptied in turns.
template <typename Step>
[[gnu::always_inline]] inline bool window(Row row, std::uint64_t rounds, std::uint64_t operations, Step step) {
  open_window(row, operations);
  const granary_status status = repeat(rounds, step);
  close_window();
  return status == GRANARY_OK;
}

/// Sends and receives by turns, in windows of `filled` messages; the received words are added up and must be the sent.
template <typename Send, typename Receive>
[[gnu::always_inline]] inline void measure_fills(Row sending, Row receiving, std::uint64_t fills, std::uint64_t filled,
                                                 const char* text, Send send, Receive receive) {
  granary_message message = first_message(false);
  granary_delivery delivery{};
  std::uint64_t sum = 0;
  bool good = true;
  for (std::uint64_t fill = 0; fill < fills && good; ++fill) {
    good = window(
        sending, filled, filled, [&]() __attribute__((always_inline)) {
          ++message.word[0];
          return send(message);
        });
    good = good && window(
                       receiving, filled, filled, [&]() __attribute__((always_inline)) {
                         const granary_status status = receive(delivery);
                         sum += delivery.message.word[0];
                         return status;
                       });
  }
  const std::uint64_t count = fills * filled;
  expect(good && sum == count * 1000 + count * (count + 1) / 2, text);
}

/// Fills the page of messages for one batch; each message says its number.
void fill_batch(granary_message_entry* page) {
  for (std::uint64_t i = 0; i < kBatch; ++i) {
    page[i] = {};
    page[i].opcode = i;
    page[i].word[0] = 100 + i;
  }
}
bool is_batch(const granary_message_entry* page) {
  bool same = true;
  for (std::uint64_t i = 0; i < kBatch; ++i) same = same && page[i].opcode == i && page[i].word[0] == 100 + i;
  return same;
}
granary_message_entry* message_page() {
  std::uint64_t address = 0;
  granary_message_page(&address);
  // SAFETY: the kernel maps a page for this thread there, as long as it lives.
  return reinterpret_cast<granary_message_entry*>(address);
}
granary_status all_of_batch(granary_status status, std::uint64_t done) {
  return status != GRANARY_OK ? status : done == kBatch ? GRANARY_OK : GRANARY_EAGAIN;
}

constexpr std::uint64_t kBatchesFilled = kFilled / kBatch;  // batches of a window

void measure_channel_batches(granary_handle sending, granary_handle receiving) {
  granary_message_entry* const page = message_page();
  std::uint64_t done = 0;
  bool good = true;
  for (std::uint64_t fill = 0; fill < kFills && good; ++fill) {
    fill_batch(page);
    good = window(
        Row::ChannelBatchSend, kBatchesFilled, kBatchesFilled * kBatch, [&]() __attribute__((always_inline)) {
          const granary_status status = granary_chan_send_batch(sending, kBatch, GRANARY_DEADLINE_FOREVER, &done);
          return all_of_batch(status, done);
        });
    std::memset(page, 0, kBatch * sizeof *page);
    good = good &&
           window(
               Row::ChannelBatchReceive, kBatchesFilled, kBatchesFilled * kBatch, [&]() __attribute__((always_inline)) {
                 const granary_status status =
                     granary_chan_recv_batch(receiving, kBatch, GRANARY_DEADLINE_FOREVER, &done);
                 return all_of_batch(status, done);
               });
    good = good && is_batch(page);
  }
  expect(good, "batches go through the SyncChan");
}

void measure_async_batches(granary_handle channel) {
  constexpr std::uint64_t kBatches = kAsyncFilled / kBatch;
  granary_message_entry* const page = message_page();
  std::uint64_t done = 0;
  bool good = true;
  for (std::uint64_t fill = 0; fill < kAsyncFills && good; ++fill) {
    fill_batch(page);
    good = window(
        Row::AsyncBatchSend, kBatches, kBatches * kBatch, [&]() __attribute__((always_inline)) {
          const granary_status status = granary_async_send_batch(channel, kBatch, &done);
          return all_of_batch(status, done);
        });
    for (std::uint64_t i = 0; i < kBatches && good; ++i) {
      std::memset(page, 0, kBatch * sizeof *page);
      good = all_of_batch(granary_async_receive_batch(channel, kBatch, GRANARY_DEADLINE_FOREVER, &done), done) ==
                 GRANARY_OK &&
             is_batch(page);
    }
  }
  expect(good, "batches go through the AsyncChan");
}

}  // namespace

void measure_channels() {
  measure_ping_pong(Row::ChannelPingPong, handles::wire.value(), kRounds);
  granary_chan_create_result ends{};
  expect(granary_chan_create(GRANARY_CHANNEL_CAPACITY_MAXIMUM, &ends) == GRANARY_OK, "a SyncChan is made");
  const granary_handle sending = ends.handle_of_end_0, receiving = ends.handle_of_end_1;
  measure_fills(
      Row::ChannelSend, Row::ChannelReceive, kFills, kFilled, "the SyncChan gives what was sent, in order",
      [&](const granary_message& message) { return granary_chan_send(sending, &message, GRANARY_DEADLINE_FOREVER); },
      [&](granary_delivery& delivery) { return granary_chan_recv(receiving, GRANARY_DEADLINE_FOREVER, &delivery); });
  measure_channel_batches(sending, receiving);
  expect(granary_handle_close(sending) == GRANARY_OK && granary_handle_close(receiving) == GRANARY_OK, "it is closed");
}

void measure_async_channels() {
  granary_handle channel = 0;
  expect(granary_async_create(GRANARY_ASYNC_CAPACITY_MAXIMUM, &channel) == GRANARY_OK, "an AsyncChan is made");
  measure_fills(
      Row::AsyncSend, Row::AsyncReceive, kAsyncFills, kAsyncFilled, "the AsyncChan gives what was sent, in order",
      [&](const granary_message& message) { return granary_async_send(channel, &message); },
      [&](granary_delivery& delivery) { return granary_async_receive(channel, GRANARY_DEADLINE_FOREVER, &delivery); });
  measure_async_batches(channel);
  expect(granary_handle_close(channel) == GRANARY_OK, "the AsyncChan is closed");
}

}  // namespace bench
