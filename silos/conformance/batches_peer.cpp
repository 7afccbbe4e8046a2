// SPDX-License-Identifier: Apache-2.0
//
// Sends 160 messages in batches on `parcels` and on `crates`, and ends; the checks are in batches.cpp.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

namespace {

template <typename Target>
bool send_all(Target target) {
  Batch batch;
  std::uint64_t added = 0, sent = 0;
  while (sent < 160) {
    while (added < 160 && batch.add(numbered_message(added))) ++added;
    const Result<std::uint64_t> some = target.send_batch(batch, 10s);
    if (!some) return false;
    sent += *some;
  }
  return true;
}

}  // namespace

int main() { return send_all(handles::parcels) && send_all(handles::crates) ? 0 : 1; }
