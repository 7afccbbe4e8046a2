// SPDX-License-Identifier: Apache-2.0
//
// Batches and the message page: 16 messages in one crossing, what is not sent stays, the page is the thread's own.
// Manifest: quota = { ports = 2, channels = 1, messages = 32, async_channels = 1, async_messages = 16 }, thread helper;
// batches_peer sends on the port `parcels` and on the channel `crates`.
#include "check.hpp"
#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

std::uint64_t page_of_this_thread() {
  std::uint64_t address = 0;
  granary_message_page(&address);
  return address;
}
granary_message_entry* entries() { return reinterpret_cast<granary_message_entry*>(page_of_this_thread()); }

std::uint64_t helpers_page = 0;
Port port;
Channel here, there;
Error outcome = Error(0);
std::uint64_t count = 0;

void note(const Result<std::uint64_t>& result) {
  outcome = result.ok() ? Error(0) : result.error();
  count = result.ok() ? *result : 0;
}
void add_numbered(Batch& batch, std::uint64_t first, std::uint64_t how_many) {
  for (std::uint64_t i = 0; i < how_many; ++i) static_cast<void>(batch.add(numbered_message(first + i)));
}
bool holds_numbers(Batch& batch, std::uint64_t first) {
  for (std::uint64_t i = 0; i < batch.size(); ++i) {
    if (batch[i] != numbered_message(first + i)) return false;
  }
  return true;
}

void the_page() {
  const std::uint64_t mine = page_of_this_thread();
  check(mine != 0 && mine % 4096 == 0, "defect A8 a thread has a message page");
  check_equal(page_of_this_thread(), mine, "defect A8 always the same");
  helper.start([] { helpers_page = page_of_this_thread(); });
  check(helper.wait() && helpers_page != 0 && helpers_page != mine, "defect A8 every thread its own");
  auto* const word = reinterpret_cast<volatile std::uint64_t*>(mine);
  bool zero = true, kept = true;
  for (unsigned i = 0; i < 512; ++i) zero = zero && word[i] == 0;
  check(zero, "defect A8 it is zero at first, to its last byte");
  for (unsigned i = 0; i < 512; ++i) word[i] = i;
  for (unsigned i = 0; i < 512; ++i) kept = kept && word[i] == i;
  check(kept, "defect A8 and may be written, all of it");
}

void message_batch() {
  Batch batch;
  check(batch.is_empty() && batch.size() == 0, "A9 a batch is empty at first");
  bool all = true;
  for (std::uint64_t i = 0; i < 16; ++i) all = batch.add(numbered_message(i)) && all;
  check(all && batch.is_full(), "A9 it takes 16 messages");
  check(!batch.add(numbered_message(16)), "A9 add is false when it is full");
  check(batch.size() == 16 && holds_numbers(batch, 0), "A9 and changes nothing then");
  std::uint64_t next = 0;
  bool in_order = true;
  batch.consume([&](const Request& request) { in_order = in_order && request.message == numbered_message(next++); });
  check(in_order && next == 16, "A9 they are processed in the order in which they were added");
  check(batch.is_empty(), "A9 and the batch is empty afterwards");
  batch.clear();
  check_equal(port.send_batch(batch).value(), 0, "F7 an empty batch sends nothing");
}

void through_a_port() {
  Batch batch;
  add_numbered(batch, 100, 16);
  check_equal(port.send_batch(batch, do_not_block).value(), 16, "defect A8 a batch of 16 goes into a port");
  check(batch.is_empty(), "F7 and leaves the batch empty");
  add_numbered(batch, 200, 3);
  check_error(port.send_batch(batch, do_not_block), kWouldBlock, "E11 a full port takes none");
  check(batch.size() == 3 && holds_numbers(batch, 200), "E11 and the batch keeps them");
  check_error(port.send_batch(batch, 3ms), kTimedOut, "A9 a deadline is waited for");
  batch.clear();
  check_equal(port.receive_batch(batch).value(), 16, "defect A8 a batch of 16 comes out");
  check(holds_numbers(batch, 100), "defect A8 whole and in order");
  check(!batch.take(0).is_call(), "defect A8 what was sent is no call");
  check_error(port.receive_batch(batch, do_not_block), kWouldBlock, "defect A8 and the port is empty");
  check(batch.is_empty(), "defect A8 then the batch is empty");
  for (std::uint64_t i = 0; i < 12; ++i) port.try_send({i}).value();
  add_numbered(batch, 300, 7);
  check_equal(port.send_batch(batch).value(), 4, "E11 the count says how many found room");
  check(batch.size() == 3 && holds_numbers(batch, 304), "F7 the unsent tail stays, in order");
  check_equal(port.receive_batch(batch, forever, 5).value(), 5, "defect A8 not more than the maximum is taken");
  check_equal(port.receive_batch(batch).value(), 11, "defect A8 the rest by the next");
  check_equal(batch[7].opcode, 300, "E11 what found room is behind what was there");
  check_equal(port.stats().value().received, 32, "defect A8 every message of a batch is counted");
}

void waiting() {
  helper.start([] {
    Batch batch;
    note(port.receive_batch(batch));
    if (outcome == Error(0) && batch[0] != numbered_message(7)) count = 77;
  });
  helper.settle();
  check(!helper.is_idle(), "A9 a receive of a batch waits for the first message");
  port.try_send(numbered_message(7)).value();
  check(helper.wait() && outcome == Error(0) && count == 1, "A9 and then is a batch of that one");
  Batch batch;
  add_numbered(batch, 0, 16);
  port.send_batch(batch).value();
  helper.start([] {
    Batch tail;
    add_numbered(tail, 50, 3);
    note(port.send_batch(tail));
    if (tail.size() != 2 || !holds_numbers(tail, 51)) count = 77;
  });
  helper.settle();
  check(!helper.is_idle(), "A9 a send of a batch waits with its first message");
  port.try_receive().value();
  check(helper.wait() && outcome == Error(0) && count == 1, "F7 and is told of that one; the others stay in the batch");
  port.receive_batch(batch).value();
  check(batch[15] == numbered_message(50), "E11 and it has arrived");
}

void calls() {
  static Result<Message> answers[1] = {kTimedOut};
  port.try_send({1}).value();
  helper.start([] { answers[0] = port.call({2}); });
  helper.settle();
  port.try_send({3}).value();
  Batch batch;
  check_equal(port.receive_batch(batch).value(), 3, "defect A8 sends and calls come in one batch");
  Request call = batch.take(1);
  check(call.is_call() && !batch.take(0).is_call() && !batch.take(2).is_call(), "defect A8 the call has its token");
  check(!batch.take(1).is_call(), "defect A8 which is given once");
  check_ok(Port::reply(std::move(call.token), {20}), "defect A8 and answers the caller");
  check(helper.wait() && answers[0].ok() && answers[0]->opcode == 20, "defect A8 who gets the answer");
}

void through_a_channel() {
  const ChannelEnds ends = Channel::create(16).value();
  here = ends.first;
  there = ends.second;
  Batch batch;
  add_numbered(batch, 0, 10);
  check_equal(here.send_batch(batch).value(), 10, "defect A8 a batch goes into a SyncChan");
  add_numbered(batch, 10, 10);
  check_equal(here.send_batch(batch).value(), 6, "E11 as far as there is room");
  check(batch.size() == 4 && holds_numbers(batch, 16), "F7 the tail stays");
  check_equal(there.receive_batch(batch).value(), 16, "defect A8 and comes out at the other end");
  check(holds_numbers(batch, 0), "defect A8 in order");
  here.close().value();
  check_error(there.receive_batch(batch), kPeerGone, "A9 a batch from an end that is gone is EPIPE");
  add_numbered(batch, 0, 1);
  check_error(there.send_batch(batch), kPeerGone, "A9 a batch to it too");
  check_equal(batch.size(), 1, "F7 which keeps the message");
  there.close().value();
}

void through_an_async_channel() {
  const AsyncChannel channel = AsyncChannel::create(10).value();
  Batch batch;
  add_numbered(batch, 0, 16);
  check_equal(channel.send_batch(batch).value(), 10,
              "defect A8 a batch goes into an AsyncChan as far as there is room");
  check(batch.size() == 6 && holds_numbers(batch, 10), "F7 the tail stays");
  check_error(channel.send_batch(batch), kWouldBlock, "A2 it never waits");
  check_equal(channel.receive_batch(batch).value(), 10, "defect A8 a batch comes out");
  check(holds_numbers(batch, 0), "defect A8 in order");
  check_error(channel.receive_batch(batch, 2ms), kTimedOut, "A9 a receive waits until its deadline");
  channel.send({5}).value();
  channel.close_channel().value();
  check_equal(channel.receive_batch(batch).value(), 1, "A9 after a close what is queued comes out");
  check_error(channel.receive_batch(batch), kPeerGone, "A9 then EPIPE");
  add_numbered(batch, 0, 1);
  check_error(channel.send_batch(batch), kPeerGone, "A9 and nothing goes in");
  channel.close().value();
}

void nonsense() {
  std::uint64_t done = 0;
  for (const std::uint64_t wrong : {0ull, 17ull, 1ull << 32, ~0ull}) {
    check_status(granary_port_send_batch(port.value(), wrong, 0, &done), GRANARY_EINVAL,
                 "A9 a count outside 1 to 16 is EINVAL");
    check_status(granary_port_receive_batch(port.value(), wrong, 0, &done), GRANARY_EINVAL, "A9 a maximum too");
  }
  granary_message_entry* const entry = entries();
  for (unsigned i = 0; i < 3; ++i) entry[i] = {i, 1, {1, 2, 3, 4, 5, 6, 7, 8}, 66, 77, 88, {99, 99, 99}};
  entry[1].flags = 2;
  check_status(granary_port_send_batch(port.value(), 3, 0, &done), GRANARY_OK,
               "a batch with a wrong flag in its second message");
  check_equal(done, 1, "ends before it");
  entry[0].flags = 0x100;
  check_status(granary_port_send_batch(port.value(), 3, 0, &done), GRANARY_EINVAL,
               "with one in its first it is EINVAL");
  check_status(granary_port_receive_batch(port.value(), 16, 0, &done), GRANARY_OK, "what was sent arrives");
  check(done == 1 && entry[0].word[7] == 8 && entry[0].flags == 1, "once");
  check(entry[0].badge == 0 && entry[0].reply_token == 0 && entry[0].label == 0 && entry[0].reserved[2] == 0,
        "with the kernel's badge, token and label, not the sender's");
}

void from_another_silo() {
  Batch batch;
  std::uint64_t next = 0, badge = 0;
  bool good = true;
  while (next < 160) {
    const Result<std::uint64_t> some = handles::parcels.receive_batch(batch, 5s);
    if (!some) break;
    for (std::uint64_t i = 0; i < batch.size(); ++i, ++next) {
      if (badge == 0) badge = batch.badge(i);
      good = good && batch[i] == numbered_message(next) && batch.badge(i) == badge;
    }
  }
  check(next == 160 && good, "defect A8 ten batches of another silo arrive at a port, in order and whole");
  check(badge != 0, "defect A3 with the badge that the kernel stamps");
  next = 0;
  Error end = Error(0);
  for (;;) {
    const Result<std::uint64_t> some = handles::crates.receive_batch(batch, 5s);
    if (!some) {
      end = some.error();
      break;
    }
    good = good && holds_numbers(batch, next);
    next += batch.size();
  }
  check(next == 160 && good, "defect A8 and through a channel");
  check(end == kPeerGone, "A9 whose sender has ended");
}

}  // namespace

int main() {
  port = Port::create().value();
  the_page();
  message_batch();
  through_a_port();
  waiting();
  calls();
  through_a_channel();
  through_an_async_channel();
  nonsense();
  from_another_silo();
  return finish();
}
