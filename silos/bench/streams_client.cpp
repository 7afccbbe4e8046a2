// SPDX-License-Identifier: Apache-2.0
//
// Measures streams of messages between cores: one, two and four pairs at the same time, each over a SyncChan of its
// own. Gives the verdict: how many results were wrong.
#include "bench.hpp"
#include "streams.hpp"

namespace {

using namespace bench;

void measure_streams(std::size_t pairs, Row row) {
  open_window(row, pairs * kStreamMessages);
  for (std::size_t pair = 0; pair < pairs; ++pair) kOrders[pair].send({}).value();
  std::uint64_t wrong = 0;
  for (std::size_t pair = 0; pair < pairs; ++pair) wrong += handles::results.receive().value().message.words[0];
  close_window();
  expect(wrong == 0, "every message of a stream comes once and in its order");
}

}  // namespace

int main() {
  settle();
  measure_streams(1, Row::StreamsOf1Pair);
  measure_streams(2, Row::StreamsOf2Pairs);
  measure_streams(4, Row::StreamsOf4Pairs);
  printf("bench: %d results were wrong\n", failures);
  handles::system.verdict(static_cast<std::uint64_t>(failures)).value();
  return failures;
}
