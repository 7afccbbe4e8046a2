// SPDX-License-Identifier: Apache-2.0
//
// Takes what the flooder sends, sixteen messages at a time.
#include "handles.hpp"

using namespace granary;

int main() {
  Batch batch;
  for (;;) static_cast<void>(handles::sink.receive_batch(batch));
}
