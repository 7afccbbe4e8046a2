// SPDX-License-Identifier: Apache-2.0
//
// Fills the 16 slots of bystander_b's port again and again, faster than it is served. Expected: bystander_a's calls
// to the same port are served all the same. Still busy at the end.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  for (std::uint64_t number = 0;; ++number) {
    if (!handles::service.try_send({number})) yield();
  }
}
