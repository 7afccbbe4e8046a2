// SPDX-License-Identifier: Apache-2.0
//
// Creates as many AsyncChans as it can and fills them, three times over. Expected: it is told where its limit is, a
// send that does not fit is refused at once, and everybody else goes on. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  constexpr unsigned kMany = 100;
  static AsyncChannel channels[kMany];
  for (int round = 0; round < 3; ++round) {
    unsigned count = 0;
    Result<AsyncChannel> made = AsyncChannel::create(100);
    for (; made && count < kMany; made = AsyncChannel::create(100)) {
      channels[count++] = *made;
      for (int i = 0; i < 100; ++i) holds(made->send({}).ok(), "a message within the capacity was refused");
      for (int i = 0; i < 10; ++i) refused(-made->send({}).error().number(), GRANARY_EAGAIN, "a message beyond it");
    }
    holds(!made && made.error() == kQuotaExceeded, "channels without end");
    holds(count == 10, "another number than the quota permits");
    for (unsigned i = 0; i < count; ++i) channels[i].close().value();
  }
  return outcome();
}
