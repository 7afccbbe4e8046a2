// SPDX-License-Identifier: Apache-2.0
//
// The hub of a greenhouse: it waits for orders, samples, the door and the time, all at once and in one thread. Each of
// the four is a task, written as if it were alone. (hub.c is the same in C.)
#include <granary/executor.hpp>
#include <granary/log.hpp>

#include "handles.hpp"
#include "orders.h"

using namespace granary;
using namespace std::chrono_literals;

namespace {

constexpr Log log{"hub"};

struct {
  std::uint64_t samples = 0, celsius = 0, openings = 0, ticks = 0;
} house;

Task take_samples(Executor& executor) {
  for (;;) {
    const Result<Delivery> sample = co_await executor.receive(handles::samples);
    if (!sample) co_return log.warning("no more samples: {}", sample.error());
    ++house.samples;
    house.celsius = sample->message.words[0];
  }
}

Task watch_the_door(Executor& executor) {
  for (;;) {
    const auto got = co_await executor.bits(handles::door, 0b1);
    if (!got) co_return log.warning("no door: {}", got.error());
    ++house.openings;
    log.info("the door was opened, at {} degrees", house.celsius);
  }
}

Task count_ticks(Executor& executor) {
  for (Clock::time_point next = Clock::now();; ++house.ticks) co_await executor.sleep(next += 5ms);
}

Task serve(Executor& executor) {
  for (;;) {
    Result<Request> request = co_await executor.receive(handles::orders);
    if (!request) co_return log.error("no more orders: {}", request.error());
    const Message report{.words = {house.samples, house.celsius, house.openings, house.ticks}};
    if (request->is_call()) Port::reply(std::move(request->token), report).ignore();
    if (request->message.opcode == order_stop) executor.stop();
  }
}

}  // namespace

int main() {
  static StaticExecutor<4> executor;
  executor.start(take_samples(executor)).value();
  executor.start(watch_the_door(executor)).value();
  executor.start(count_ticks(executor)).value();
  executor.start(serve(executor)).value();
  executor.run().value();
  log.info("stopped; the largest task took {} bytes", executor.largest_frame());
}
