// SPDX-License-Identifier: Apache-2.0
//
// The tables of the interface agree with themselves and with the kernel: no number and no bit twice, every word of a
// column is defined where it should be, and base::Error knows each error under the same number.
#include "test/fakes/host_prelude.hpp"

#include <set>
#include <sstream>
#include <string_view>

#include "ipc/abi/abi.hpp"
#include "kernel/base/error.hpp"

namespace abi {
namespace {

// An error that the kernel does not have under this name, or under another number, does not compile.
#define ERROR(name, number, text) static_assert(static_cast<int>(base::Error::name) == (number));
#include "ipc/abi/errors.def"
#undef ERROR

struct CallRow {
  std::uint64_t number;
  std::string_view name, object, right, errors, text;
};
constexpr CallRow kCalls[] = {
#define SYSTEM_CALL(number, name, object, right, in, out, errors, text) {number, #name, #object, #right, errors, text},
#include "ipc/abi/syscalls.def"
#undef SYSTEM_CALL
};
struct RightRow {
  unsigned bit;
  std::string_view name, type;
};
constexpr RightRow kRights[] = {
#define RIGHT(name, bit, type, text) {bit, #name, #type},
#include "ipc/abi/rights.def"
#undef RIGHT
};
struct ErrorRow {
  int number;
  std::string_view name;
};
constexpr ErrorRow kErrors[] = {
#define ERROR(name, number, text) {number, #name},
#include "ipc/abi/errors.def"
#undef ERROR
};

template <typename Rows, typename Key>
constexpr bool no_two_alike(const Rows& rows, Key key) {
  for (const auto& left : rows) {
    for (const auto& right : rows) {
      if (&left != &right && key(left) == key(right)) return false;
    }
  }
  return true;
}
static_assert(no_two_alike(kCalls, [](const CallRow& row) { return row.number; }), "a number names one system call");
static_assert(no_two_alike(kCalls, [](const CallRow& row) { return row.name; }), "a name is one system call");
static_assert(no_two_alike(kRights, [](const RightRow& row) { return row.bit; }), "a bit is one right");
static_assert(no_two_alike(kErrors, [](const ErrorRow& row) { return row.number; }), "a number is one error");

const RightRow* find_right(std::string_view name) {
  for (const RightRow& row : kRights) {
    if (row.name == name) return &row;
  }
  return nullptr;
}

TEST(AbiTest, every_right_that_a_call_wants_exists_and_belongs_to_the_object_it_works_on) {
  for (const CallRow& call : kCalls) {
    if (call.right == "None") continue;
    const RightRow* const right = find_right(call.right);
    ASSERT_NE(right, nullptr) << call.name;
    EXPECT_EQ(right->type, call.object) << call.name;
  }
}

TEST(AbiTest, every_error_that_a_call_can_give_is_in_the_table_and_named_once) {
  std::set<std::string, std::less<>> known;
  for (const ErrorRow& row : kErrors) known.emplace(row.name);
  for (const CallRow& call : kCalls) {
    std::set<std::string> seen;
    std::istringstream words{std::string(call.errors)};
    for (std::string word; words >> word;) {
      EXPECT_TRUE(known.contains(word)) << call.name << " " << word;
      EXPECT_TRUE(seen.insert(word).second) << call.name << " names twice " << word;
    }
  }
}

TEST(AbiTest, every_call_has_a_sentence) {
  for (const CallRow& call : kCalls) {
    ASSERT_FALSE(call.text.empty()) << call.name;
    EXPECT_EQ(call.text.back(), '.') << call.name;
  }
}

TEST(AbiTest, D1_the_right_bits_fit_a_word_and_zero_is_no_right) {
  for (const RightRow& row : kRights) EXPECT_LT(row.bit, 64u) << row.name;
  EXPECT_EQ(static_cast<std::uint64_t>(Right::None), 0u);
}

TEST(AbiTest, the_numbers_that_the_references_had_are_kept) {
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::CHAN_CREATE), 220u);
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::CHAN_SEND), 221u);
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::CHAN_RECV), 222u);
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::CHAN_TRY_RECV), 223u);
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::CHAN_CLOSE), 224u);
  EXPECT_EQ(static_cast<std::uint64_t>(SystemCall::ABI_VERSION), 900u);
}

TEST(AbiTest, S10_an_error_is_a_negative_posix_number) {
  EXPECT_EQ(static_cast<std::int64_t>(base::to_status(base::Error::EAGAIN)), -11);
  EXPECT_EQ(static_cast<std::int64_t>(base::to_status(base::Error::EPIPE)), -32);
  EXPECT_EQ(static_cast<std::int64_t>(base::to_status(base::Error::EBADF)), -9);
  EXPECT_EQ(static_cast<std::int64_t>(base::to_status(base::Error::EPERM)), -1);
}

TEST(AbiTest, a_handle_of_the_manifest_is_never_zero_and_its_parts_do_not_meet) {
  EXPECT_EQ(make_manifest_handle(1), (std::uint64_t{1} << 32) | 64);
  EXPECT_EQ(make_handle(0xffffffff, 4095) & 0xffffffff, std::uint64_t{4095} << kHandleIndexShift);
}

}  // namespace
}  // namespace abi
