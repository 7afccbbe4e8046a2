// SPDX-License-Identifier: Apache-2.0
//
// Executes an instruction in its message page. Expected: stopped, no permission.
#include "hostile.hpp"

using namespace hostile;

int main() {
  std::uint64_t page = 0;
  granary_message_page(&page);
  write(page, kReturnInstruction);
  jump(page);
  return survived();
}
