// SPDX-License-Identifier: Apache-2.0
//
// Answers calls that it never received: bystander_a is waiting for bystander_b's answers all the time. Expected:
// refused; bystander_a checks each answer. Ends with 0.
#include "hostile.hpp"

using namespace hostile;

int main() {
  const granary_message forged{0x6666, 0, {6, 6, 6, 6}};
  for (std::uint64_t token = 0; token < 20000; ++token)
    refused(granary_port_reply(&forged, token), GRANARY_EINVAL, "a forged token");
  for (unsigned bit = 0; bit < 64; ++bit)
    refused(granary_port_reply(&forged, std::uint64_t{1} << bit), GRANARY_EINVAL, "a forged token");
  return outcome();
}
