// SPDX-License-Identifier: Apache-2.0
//
// Answers calls until somebody stops it.
#include "handles.hpp"

int main() {
  for (;;) {
    auto request = handles::service.receive();
    if (request) granary::Port::reply(std::move(request->token), request->message).ignore();
  }
}
