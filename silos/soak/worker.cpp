// SPDX-License-Identifier: Apache-2.0
//
// The main thread of a worker: finds out who it is, does its share of operations, and closes the account.
#include "worker.hpp"

#include "handles.hpp"

namespace soak {

Worker worker;

void fail(const char* what, const char* why) {
  if (++worker.report->failures <= 8) printf("# %s: %s\n", what, why);
}

namespace {

constexpr abi::Right kReceives = abi::Right::PortReceive;

bool has(const HandleInfo& info, abi::Right right) { return (info.rights & static_cast<std::uint64_t>(right)) != 0; }

std::span<std::byte> map(Region region) { return region.map(read_write).value(); }

/// The own port is the one to receive from; of the two lanes, one is to send and one to receive.
void find_myself() {
  const Port inbox[] = {handles::inbox_0, handles::inbox_1, handles::inbox_2, handles::inbox_3,
                        handles::inbox_4, handles::inbox_5, handles::inbox_6, handles::inbox_7};
  const AsyncChannel mail[] = {handles::mail_0, handles::mail_1, handles::mail_2, handles::mail_3,
                               handles::mail_4, handles::mail_5, handles::mail_6, handles::mail_7};
  const Notification bell[] = {handles::bell_0, handles::bell_1, handles::bell_2, handles::bell_3,
                               handles::bell_4, handles::bell_5, handles::bell_6, handles::bell_7};
  const Semaphore gate[] = {handles::gate_0, handles::gate_1, handles::gate_2, handles::gate_3,
                            handles::gate_4, handles::gate_5, handles::gate_6, handles::gate_7};
  const Region pipe[] = {handles::pipe_0, handles::pipe_1, handles::pipe_2, handles::pipe_3,
                         handles::pipe_4, handles::pipe_5, handles::pipe_6, handles::pipe_7};
  const Notification reader_bell[] = {handles::reader_bell_0, handles::reader_bell_1, handles::reader_bell_2,
                                      handles::reader_bell_3, handles::reader_bell_4, handles::reader_bell_5,
                                      handles::reader_bell_6, handles::reader_bell_7};
  const Notification writer_bell[] = {handles::writer_bell_0, handles::writer_bell_1, handles::writer_bell_2,
                                      handles::writer_bell_3, handles::writer_bell_4, handles::writer_bell_5,
                                      handles::writer_bell_6, handles::writer_bell_7};
  for (unsigned i = 0; i < kWorkers; ++i) {
    worker.inbox[i] = inbox[i];
    worker.mail[i] = mail[i];
    worker.bell[i] = bell[i];
    worker.gate[i] = gate[i];
    if (has(inbox[i].info().value(), kReceives)) worker.id = i;
  }
  for (std::uint32_t index = 1; index < 64; ++index) {
    const Handle handle(abi::make_manifest_handle(index));
    const Result<HandleInfo> info = handle.info();
    if (!info || info->type != abi::ObjectType::Channel) continue;
    (has(*info, abi::Right::ChannelSend) ? worker.lane_out : worker.lane_in) = Channel(handle.value());
  }
  const unsigned in = worker.previous(), out = worker.id;
  worker.pipe_in = map(pipe[in]);
  worker.pipe_out = map(pipe[out]);
  worker.reader_bell = {writer_bell[in], reader_bell[in]};
  worker.writer_bell = {reader_bell[out], writer_bell[out]};
  worker.reader = StreamReader<NotificationDoorbell>::open(worker.pipe_in, kStreamMessages, worker.reader_bell).value();
  worker.board = reinterpret_cast<Board*>(map(handles::board).data());
  worker.report = &worker.board->report[worker.id];
}

void wait_at(Barrier barrier) { handles::control.call({kBarrier, {barrier}}, kPatience * 4).value(); }

std::uint64_t operations() {
  const auto& of = worker.report->operations;
  return of[kDoer] + of[kServer] + of[kTaker];
}

void ask_the_kernel() {
  Report& report = *worker.report;
  report.port = worker.inbox[worker.id].stats().value();
  report.async = worker.mail[worker.id].stats().value();
  const ChannelStatistics in = worker.lane_in.stats().value();
  report.channel_in_received = in.received;
  report.channel_in_queued = in.queued_here;
  report.channel_out_sent = worker.lane_out.stats().value().sent;
}

/// What the quota permits can all be made again, and not one more: nothing is left of what was made before.
template <typename Object, typename... Arguments>
bool can_make(unsigned count, Arguments... arguments) {
  Object made[8];
  unsigned number = 0;
  bool is_refused = false;
  for (; number <= count && !is_refused; ++number) {
    const Result<Object> one = Object::create(arguments...);
    if (one) made[number] = *one;
    is_refused = !one && one.error() == kQuotaExceeded && number == count;
    if (!one && !is_refused) fail("an object of the quota cannot be made", one.error().name());
    if (!one) break;
  }
  for (unsigned i = 0; i < number && i < count; ++i) made[i].Handle::close().value();
  return is_refused;
}
bool quotas_are_whole() {
  const Notification notification = Notification::create().value();
  bool all = can_make<Timer>(2, notification, 1);
  notification.close().value();
  all = can_make<Port>(2) && all;
  all = can_make<AsyncChannel>(2, 16) && all;
  all = can_make<Notification>(3) && all;
  all = can_make<Semaphore>(4, 0) && all;
  all = can_make<Region>(1, 2) && all;
  return all;
}

}  // namespace
}  // namespace soak

int main() {
  using namespace soak;
  find_myself();
  Report& report = *worker.report;
  const std::uint64_t budget = handles::control.call({kStart}, kPatience).value().words[0];
  Random random(kSeed + worker.id);
  worker.is_ready = true;
  for (std::uint64_t hundredths = 1; hundredths <= 100; ++hundredths) {
    while (operations() < budget * hundredths / 100) do_something(random);
    handles::control.send({kProgress}, kPatience).value();
  }
  end_doing();
  wait_at(kAllDone);  // nobody begins anything any more

  worker.is_stopping = true;
  const auto latest = Clock::now() + kPatience;
  while (worker.stopped != 2) {
    if (Clock::now() > latest) {
      fail("server and taker", "do not end");
      return 1;
    }
    poke_own_threads();
    sleep_for(1ms);
  }
  ask_the_kernel();
  wait_at(kAllAsked);  // nobody takes what is left before all have asked
  drain_all();
  end_serving();
  wait_at(kAllClosed);
  report.quotas_returned = quotas_are_whole() ? 1 : 0;
  wait_at(kAllChecked);
  return 0;
}
