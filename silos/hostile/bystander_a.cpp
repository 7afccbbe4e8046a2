// SPDX-License-Identifier: Apache-2.0
//
// The first bystander: calls the second and gossips with it all the time, checks every word of every answer, and
// keeps secrets in its memory which must stay as they are. It ends, and says why, only if something is wrong; the
// warden takes that as a broken promise.
#include "handles.hpp"
#include "hostile.hpp"

using namespace hostile;

namespace {

constexpr std::uint64_t kSecrets = 0x10000;  ///< bytes from kBystandersMemory on

std::uint64_t secret(std::uint64_t address) { return address * 0x9e3779b97f4a7c15; }

Message question(std::uint64_t number) {
  Message message{number};
  for (std::size_t i = 0; i < message.words.size(); ++i) message.words[i] = number * 8 + i;
  return message;
}
bool is_answer(const Message& message, std::uint64_t number) {
  bool good = message.opcode == number + 1;
  for (std::size_t i = 0; i < message.words.size(); ++i) good = good && message.words[i] == ~(number * 8 + i);
  return good;
}

int harmed(const char* how) {
  printf("bystander harmed: %s\n", how);
  return 1;
}

}  // namespace

int main() {
  for (std::uint64_t address = kBystandersMemory; address < kBystandersMemory + kSecrets; address += 8)
    write(address, secret(address));
  for (std::uint64_t number = 0;; ++number) {
    const Result<Message> answer = handles::service.call(question(number), 5s);
    if (!answer) return harmed(answer.error().message());
    if (!is_answer(*answer, number)) return harmed("the answer to a call is wrong");
    const Result<void> sent = handles::gossip.send(question(number), 5s);
    if (!sent) return harmed(sent.error().message());
    const Result<Delivery> echo = handles::gossip.receive(5s);
    if (!echo) return harmed(echo.error().message());
    if (!is_answer(echo->message, number)) return harmed("the answer on the channel is wrong");
    const std::uint64_t address = kBystandersMemory + number * 8 % kSecrets;
    if (read(address) != secret(address)) return harmed("a secret has changed");
    sleep_for(1ms);
  }
}
