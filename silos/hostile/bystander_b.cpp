// SPDX-License-Identifier: Apache-2.0
//
// The second bystander: answers the first one's calls on its port and, with a second thread, what comes on the
// channel. Others may send to its port as well, as much as they like: their badge tells them from the first
// bystander.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

constexpr std::uint64_t kBadgeOfTheFirst = 1;

Message answer_to(const Message& question) {
  Message answer{question.opcode + 1};
  for (std::size_t i = 0; i < answer.words.size(); ++i) answer.words[i] = ~question.words[i];
  return answer;
}

}  // namespace

extern "C" void echo_main(std::uint64_t) {
  while (const Result<Delivery> delivery = handles::gossip.receive()) {
    if (!handles::gossip.send(answer_to(delivery->message), 5s)) break;
  }
  printf("bystander harmed: the channel is gone\n");
  exit_silo(1);
}

int main() {
  Result<Request> request = handles::service.receive();
  while (request) {
    if (request->is_call() && request->badge != kBadgeOfTheFirst) {
      printf("bystander harmed: a call with badge %d\n", static_cast<int>(request->badge));
      return 1;
    }
    request = request->is_call()
                  ? handles::service.reply_and_receive(std::move(request->token), answer_to(request->message))
                  : handles::service.receive();
  }
  printf("bystander harmed: %s\n", request.error().message());
  return 1;
}
