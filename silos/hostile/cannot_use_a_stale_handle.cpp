// SPDX-License-Identifier: Apache-2.0
//
// Keeps using a handle that it has closed, while new ones come into its place. Expected: refused as unknown, for
// ever. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  const Console stale = handles::console.duplicate().value();
  stale.close().value();
  for (int i = 0; i < 10000; ++i) {
    const Console fresh = handles::console.duplicate().value();
    refused(granary_handle_close(stale.value()), GRANARY_EBADF, "closing a stale handle");
    holds(fresh.value() != stale.value(), "a handle has come back");
    fresh.close().value();
  }
  return outcome();
}
