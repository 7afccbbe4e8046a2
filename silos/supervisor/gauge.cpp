// SPDX-License-Identifier: Apache-2.0
//
// A ward of the supervisor, newest image: answers with a measured value, and has a mistake: the value 13 is a null
// pointer to it. A client that asks again meets the mistake again.
#include "handles.hpp"

using namespace granary;

namespace {

const std::uint64_t scale[] = {1, 2, 4, 8};

std::uint64_t measure(std::uint64_t input) {
  const volatile std::uint64_t* const factor = input == 13 ? nullptr : scale;
  return input * factor[3];
}

}  // namespace

int main() {
  for (;;) {
    Result<Request> request = handles::gauge.receive();
    if (!request) return 1;
    const std::uint64_t value = measure(request->message.words[0]);
    Port::reply(std::move(request->token), {2, {value}}).ignore();
  }
}
