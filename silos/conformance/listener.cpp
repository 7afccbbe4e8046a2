// SPDX-License-Identifier: Apache-2.0
//
// Owns one port and receives what comes; answers calls with nothing.
#include "check.hpp"

using namespace conformance;

int main() {
  // The manifest gives it a console and one port, under different names in different systems.
  constexpr Port port(abi::make_manifest_handle(2));
  while (Result<Request> request = port.receive()) {
    if (request->is_call()) Port::reply(std::move(request->token), {}).ignore();
  }
  return 0;
}
