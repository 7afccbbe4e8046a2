// SPDX-License-Identifier: Apache-2.0
//
// A server that takes a call and then faults instead of answering. Expected: stopped, nothing is mapped there; and
// its client, the silo patient_client, is told and ends with 0.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

int main() {
  handles::promise.receive().value().token.release();
  read(0x20);
  return survived();
}
