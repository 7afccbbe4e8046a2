// SPDX-License-Identifier: Apache-2.0
//
// The C++ library in a silo: containers of nodes and of buckets, text, smart pointers, ranges. Each header that
// docs/sdk.md says works is included here, and what needs compiled parts of the library is used.
// Manifest: heap = "64KiB", a helper thread of higher priority than main.
#include <algorithm>
#include <any>
#include <array>
#include <atomic>
#include <bit>
#include <bitset>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <compare>
#include <complex>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <forward_list>
#include <functional>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <numbers>
#include <numeric>
#include <optional>
#include <queue>
#include <random>
#include <ranges>
#include <ratio>
#include <set>
#include <source_location>
#include <span>
#include <stack>
#include <string>
#include <string_view>
#include <system_error>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <valarray>
#include <variant>
#include <vector>

#include "handles.hpp"
#include "helper.hpp"

using namespace conformance;

namespace {

constexpr int kMany = 300;

/// Each of the numbers below kMany, once, in no order. 7 and kMany have no common divisor.
int shuffled(int index) { return index * 7 % kMany; }

void trees() {
  std::map<int, int> squares;
  for (int i = 0; i < kMany; ++i) squares[shuffled(i)] = shuffled(i) * shuffled(i);
  for (int i = 0; i < kMany; i += 2) squares.erase(i);
  bool good = squares.size() == kMany / 2;
  int last = -1;
  for (const auto& [number, square] : squares) {
    good = good && number > last && square == number * number;
    last = number;
  }
  check(good && squares.contains(7) && !squares.contains(8), "std::map keeps its order");
  const std::multiset<std::string> words{"pear", "apple", "pear"};
  check(words.count("pear") == 2 && *words.begin() == "apple", "std::multiset of strings");
}

void buckets() {
  std::unordered_map<std::string, int> places;
  for (int i = 0; i < kMany; ++i) places["a name that is not short " + std::to_string(i)] = i;
  bool good = places.size() == kMany && places.load_factor() <= places.max_load_factor();
  for (int i = 0; i < kMany; ++i) good = good && places.at("a name that is not short " + std::to_string(i)) == i;
  check(good, "std::unordered_map grows and finds");
  check(std::unordered_set<double>{1.5, 2.5, 1.5}.size() == 2, "std::unordered_set of doubles");
}

void sequences() {
  std::list<int> numbers;
  for (int i = 0; i < kMany; ++i) numbers.push_front(shuffled(i));
  numbers.sort();
  numbers.reverse();
  std::list<int> more{1000};
  numbers.splice(numbers.begin(), more);
  check(numbers.front() == 1000 && *std::next(numbers.begin()) == kMany - 1 && numbers.back() == 0, "std::list sorts");
  std::deque<int> line;
  for (int i = 0; i < kMany; ++i) i % 2 == 0 ? line.push_back(i) : line.push_front(i);
  check(line.front() == kMany - 1 && line.back() == kMany - 2, "std::deque at both ends");
  std::priority_queue<int> queue(numbers.begin(), numbers.end());
  check(queue.top() == 1000, "std::priority_queue");
  check(std::bitset<200>().set(150).set(3).count() == 2, "std::bitset");
}

void text() {
  std::string words = "silo";
  for (int i = 0; i < 20; ++i) words.insert(0, std::to_string(i)).append("-").replace(0, 1, "#");
  check(words.size() == 4 + 30 + 20 && words.find("silo") != std::string::npos && words.substr(words.size() - 1) == "-",
        "std::string grows");
  check(std::stoi("-17") == -17 && std::stod("2.5") == 2.5 && std::to_string(1u << 31) == "2147483648",
        "and is a number");
}

struct Counted : std::enable_shared_from_this<Counted> {
  static inline int alive = 0;
  Counted() { ++alive; }
  ~Counted() { --alive; }
  Counted(const Counted&) = delete;
};

void pointers() {
  {
    const auto one = std::make_unique<Counted>();
    const auto shared = std::make_shared<Counted>();
    const std::weak_ptr<Counted> weak = shared;
    const std::shared_ptr<Counted> same = shared->shared_from_this();
    check(Counted::alive == 2 && shared.use_count() == 2 && weak.lock() == same, "unique_ptr, shared_ptr, weak_ptr");
  }
  check(Counted::alive == 0, "and what they own ends with them");
}

/// Main takes and drops a pointer, and is interrupted by the helper, which has taken or dropped it when main goes on.
void shared_between_threads() {
  static std::shared_ptr<Counted> common;
  static std::atomic<bool> over;
  common = std::make_shared<Counted>();
  over = false;
  helper.start([] {
    while (!over) {
      std::shared_ptr<Counted> held = common;
      sleep_for(300us);
      held.reset();
      sleep_for(300us);
    }
  });
  const Clock::time_point end = Clock::now() + 400ms;
  while (Clock::now() < end)
    for (int i = 0; i < 100; ++i) static_cast<void>(std::shared_ptr<Counted>(common));
  over = true;
  helper.wait();
  check(common.use_count() == 1 && Counted::alive == 1, "references are counted right by two threads at once");
  common.reset();
}

void ranges() {
  const std::array numbers{1, 2, 3, 4, 5, 6};
  int sum = 0;
  for (const int square : numbers | std::views::filter([](int n) { return n % 2 == 0; }) |
                              std::views::transform([](int n) { return n * n; }) | std::views::reverse)
    sum = sum * 100 + square;
  check(sum == 36'16'04, "views of <ranges>");
  std::minstd_rand random(1);
  std::vector<int> shuffled_numbers(numbers.begin(), numbers.end());
  std::ranges::shuffle(shuffled_numbers, random);
  std::ranges::sort(shuffled_numbers, std::greater{});
  check(std::uniform_int_distribution<int>(6, 6)(random) == shuffled_numbers.front(), "<random>, and ranges::sort");
}

}  // namespace

int main() {
  trees();
  buckets();
  sequences();
  text();
  pointers();
  shared_between_threads();
  ranges();
  return finish();
}
