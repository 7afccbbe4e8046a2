// A client: asks for an opening that follows the temperature.
#include <stdio.h>
#include "handles.hpp"

using namespace granary;
using namespace std::chrono_literals;

int main() {
  for (std::uint64_t celsius = 23; celsius < 28; ++celsius) {
    const std::uint64_t percent = celsius > 24 ? (celsius - 24) * 30 : 0;
    const Result<Message> answer = handles::opening.call({.words = {percent}}, 2s);
    if (!answer) return 1;
    printf("%d degrees\n", static_cast<int>(celsius));
    sleep_for(100ms);
  }
}
