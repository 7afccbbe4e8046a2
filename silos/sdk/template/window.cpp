// A server: opens the window as far as it is asked to, and answers.
#include <stdio.h>
#include "handles.hpp"

using namespace granary;

int main() {
  Result<Request> request = handles::opening.receive();
  for (;;) {
    printf("open %d %%\n", static_cast<int>(request.value().message.words[0]));
    request = handles::opening.reply_and_receive(std::move(request->token), {});
  }
}
