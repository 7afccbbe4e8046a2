// SPDX-License-Identifier: Apache-2.0
//
// The SDK as a library: start-up, constructors, thread-local storage, heap, clock, messages by type, tokens.
// Manifest: argument = 7777, heap = "64KiB", a helper thread of higher priority than main, quota for a port.
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <array>
#include <charconv>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

static_assert(std::chrono::is_clock_v<Clock> && Clock::is_steady);
static_assert(!std::is_copy_constructible_v<Token> && std::is_move_constructible_v<Token>);
static_assert(!std::is_copy_assignable_v<Token> && !std::is_copy_constructible_v<Request>);
static_assert(!std::is_convertible_v<int, Deadline>, "a bare number is no deadline");
static_assert(sizeof(Port) == sizeof(granary_handle), "a handle is all there is");

namespace {

int constructed = 0;
struct Constructed {
  Constructed() { ++constructed; }
} first, second;
int seen_by_the_helper = -1;

thread_local int initialised = 5;
thread_local int zeroed;
int helpers_initialised = 0, helpers_zeroed = 0, helpers_errno = -1;
bool helpers_heap_good = false;

std::uint64_t zeroes[64];
std::uint64_t data = 0x1234;

struct Payload {
  double number;
  char text[40];
  std::uint32_t more[4];
};
static_assert(sizeof(Payload) == 64);

void start_up() {
  check_equal(argument(), 7777, "argument() is the manifest's");
  check(constructed == 2, "constructors have run, once");
  check(data == 0x1234, ".data has its values");
  bool all_zero = true;
  for (const std::uint64_t word : zeroes) all_zero = all_zero && word == 0;
  check(all_zero, ".bss is zero");
  helper.start([] { seen_by_the_helper = constructed; });
  check(helper.wait() && seen_by_the_helper == 2,
        "other threads begin after the constructors, whatever their priority");
}

void threads() {
  initialised = 6;
  zeroed = 7;
  errno = 8;
  helper.start([] {
    helpers_initialised = initialised;
    helpers_zeroed = zeroed;
    helpers_errno = errno;
    initialised = 60;
    errno = 80;
  });
  helper.wait();
  check(helpers_initialised == 5 && helpers_zeroed == 0,
        "a thread has its own thread_local variables, with their values");
  check(helpers_errno == 0, "and its own errno");
  check(initialised == 6 && zeroed == 7 && errno == 8, "and does not change another's");
}

bool use_heap(unsigned seed) {
  bool good = true;
  for (unsigned round = 0; round < 200; ++round) {
    const std::size_t bytes = 1 + (round * 37 + seed) % 300;
    auto* const memory = static_cast<unsigned char*>(malloc(bytes));
    if (memory == nullptr) return false;
    memset(memory, static_cast<int>(seed), bytes);
    if (round % 16 == 0) yield();
    for (std::size_t i = 0; i < bytes; ++i) good = good && memory[i] == seed;
    free(memory);
  }
  return good;
}

void heap() {
  check(use_heap(1), "malloc and free");
  helper.start([] { helpers_heap_good = use_heap(2); });
  const bool mine = use_heap(3);
  check(helper.wait() && mine && helpers_heap_good, "from two threads at once");
  check(malloc(1 << 20) == nullptr, "more than the manifest's heap is a null pointer");
  std::vector<int> numbers;
  for (int i = 0; i < 100; ++i) numbers.push_back(i);
  check(numbers.size() == 100 && numbers.at(99) == 99, "std::vector");
  std::function<int(int)> add = [&](int more) { return numbers[10] + more; };
  check(add(5) == 15, "std::function");
}

void time() {
  const Clock::time_point start = Clock::now();
  sleep_for(10ms);
  const Clock::duration passed = Clock::now() - start;
  check(passed >= 10ms && passed < 1s, "sleep_for(10ms) takes 10 ms, or somewhat more");
  bool exact = true;
  for (const std::int64_t nanoseconds : {1ll, 999ll, 1'000'000'007ll, 3'600'000'000'001ll, 31'536'000'000'000'003ll}) {
    const Clock::time_point wanted{Clock::duration(nanoseconds)};
    const Clock::time_point reached = Clock::from_ticks(Deadline(wanted).ticks());
    exact = exact && reached >= wanted && reached - wanted <= 20ns;
  }
  check(exact, "a deadline is the first tick that is not before the time asked for");
  check_equal(Deadline(Clock::time_point{}).ticks(), 1, "no time point means `do not block` by accident");
  check(Deadline(std::chrono::hours(24 * 365 * 200)).ticks() < forever.ticks(), "nor `forever`");
}

void messages() {
  const Payload sent{2.5, "any plain data of at most 64 bytes", {1, 2, 3, 4}};
  const Port port = Port::create().value();
  port.try_send(Message::of(3, sent)).value();
  const Request request = port.receive().value();
  const auto received = request.message.as<Payload>();
  check(request.message.opcode == 3 && memcmp(&sent, &received, sizeof sent) == 0, "Message::of and as carry a struct");
  Token empty;
  check(!empty && !request.is_call(), "a sent message has no token");
  check_error(Port::reply(std::move(empty), {}), kInvalidArgument, "an empty token answers nothing");
  const Error error = port.try_receive().error();
  check(strcmp(error.name(), "EAGAIN") == 0 && strlen(error.message()) > 10, "an error has a name and a sentence");
  port.close().value();
}

void standard_library() {
  char text[32];
  snprintf(text, sizeof text, "%.3f %lld %s", sqrt(2.0), -5ll, "x");
  check(strcmp(text, "1.414 -5 x") == 0, "snprintf and sqrt");
  const std::array numbers{3, 1, 2};
  int sum = 0;
  for (const int number : std::span(numbers)) sum += number;
  const auto [end, failure] = std::to_chars(text, text + sizeof text, sum);
  *end = 0;
  check(failure == std::errc() && strcmp(text, "6") == 0, "std::array, span, to_chars");
  check(strtod("6.25e2", nullptr) == 625.0, "strtod");
}

/// The quota is one port.
void owned_handles() {
  {
    const Result<Owned<Port>> first = owned(Port::create());
    check_ok(first, "an owned port is made");
    check_error(Port::create(), kQuotaExceeded, "and no second one beside it");
    Owned<Port> moved;
    moved = owned(first->get().duplicate()).value();
    check(moved && moved->stats()->alive, "an owner names what it has");
  }
  const Result<Port> next = Port::create();
  check_ok(next, "when the owners are gone, it is closed");
  const Port kept = Owned<Port>(*next).release();
  check(kept.stats().ok(), "what is released stays");
  check_ok(kept.close(), "until it is closed");
}

}  // namespace

int main() {
  start_up();
  threads();
  heap();
  time();
  messages();
  standard_library();
  owned_handles();
  return finish();
}
