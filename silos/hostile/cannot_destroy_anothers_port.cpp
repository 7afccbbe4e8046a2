// SPDX-License-Identifier: Apache-2.0
//
// Tries to end bystander_b's port, and to let it go by closing handles. Expected: refused, and closing its own
// handles ends nothing. Ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  refused(granary_port_destroy(handles::service.value()), GRANARY_EPERM, "destroying another silo's port");
  const Port mine = handles::service.duplicate().value();
  mine.close().value();
  handles::service.close().value();
  refused(granary_port_destroy(handles::service.value()), GRANARY_EBADF, "destroying by a closed handle");
  return outcome();
}
