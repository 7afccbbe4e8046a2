// SPDX-License-Identifier: Apache-2.0
//
// Makes system calls for ever, as fast as it can, right and wrong ones. Expected: others of the same priority have
// their share. Still busy at the end.
#include "hostile.hpp"

using namespace hostile;

int main() {
  granary_handle_info_result info;
  for (std::uint64_t number = 0;; ++number) {
    granary_null_call();
    granary_handle_info(number, &info);
  }
}
