// SPDX-License-Identifier: Apache-2.0
//
// Sends ten messages on `one_way` and ends; the checks are in channels.cpp.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  for (std::uint64_t i = 0; i < 10; ++i) handles::one_way.send(numbered_message(i), 1s).value();
  return handles::one_way.try_receive().error() == kNotPermitted ? 0 : 1;
}
