// SPDX-License-Identifier: Apache-2.0
//
// A silo without a message rate: it calls one that has one (rate.cpp), and sends as much as it likes.
#include "check.hpp"
#include "handles.hpp"

using namespace conformance;

int main() {
  bool all = true;
  for (int i = 0; i < 300; ++i) all = handles::limited.call({}).ok() && all;
  check(all, "N10 a client without a limit calls a server that has one");
  const Port port = Port::create().value();
  all = true;
  for (int i = 0; i < 3000; ++i) all = port.try_send({}).ok() && port.try_receive().ok() && all;
  check(all, "N10 without a limit nothing is refused");
  return finish();
}
