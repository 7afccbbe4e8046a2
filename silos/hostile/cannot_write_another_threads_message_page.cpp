// SPDX-License-Identifier: Apache-2.0
//
// Reads and writes where the second thread of another silo has its message page. Expected: that address is its own
// silo's, which has no second thread: stopped, nothing is mapped there.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t mine = 0;
  granary_message_page(&mine);
  write(mine, 0x6666);  // its own: permitted
  write(mine + 4096, 0x6666);
  return survived();
}
