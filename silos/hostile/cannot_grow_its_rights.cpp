// SPDX-License-Identifier: Apache-2.0
//
// Asks for more rights than it has, by duplicating. Expected: it never has more. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  Port weak = handles::service.duplicate(GRANARY_RIGHT_DUPLICATE).value();
  for (int i = 0; i < 20; ++i) {
    granary_handle made;
    refused(granary_handle_duplicate(weak.value(), ~0ull, &made), GRANARY_EPERM, "every right");
    for (unsigned bit = 1; bit < 64; ++bit) {
      refused(granary_handle_duplicate(weak.value(), GRANARY_RIGHT_DUPLICATE | std::uint64_t{1} << bit, &made),
              GRANARY_EPERM, "one right more");
    }
    const Port next = weak.duplicate().value();
    weak.close().value();
    weak = next;
    holds(weak.info().value().rights == GRANARY_RIGHT_DUPLICATE, "rights have grown");
  }
  refused(-weak.try_send({}).error().number(), GRANARY_EPERM, "sending without the right");
  return outcome();
}
